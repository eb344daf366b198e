#pragma once

#include <stdexcept>
#include <string_view>

#include "model/object.h"

namespace dbtool::catalog {

/// What one line of a saved catalog says, the first line of a file apart.
struct SnapshotLine {
  Object object;
  bool gone = false;  ///< the object is no longer there; nothing but its kind and identity is known
};

/// A line that is none of a saved catalog; tells the byte, from 1, and what is wrong there.
class DamagedLine : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads a line without its end: a JSON object of `kind`, `identity` and either `gone` or `part_of` and
/// `facts`, in any order. Reads only that form, because a document is made for each of tens of thousands of
/// lines otherwise. Throws DamagedLine.
SnapshotLine read_snapshot_line(std::string_view line);

}  // namespace dbtool::catalog
