#pragma once

#include <memory>

#include "check/full.h"
#include "model/object.h"
#include "model/project.h"

namespace dbtool::scratch {

/// Which statement of the version files touched an object last, as far as their parse trees tell: what
/// scripts build at run time is not known. The files are read when somebody asks for the first time.
class Origins {
 public:
  /// Versions 1..`version` of the project, which must outlive this.
  Origins(const Project& project, int version);
  Origins(Origins&&) noexcept;
  ~Origins();

  /// The newest statement about the object; else about the table that it stands in; else nothing.
  check::FullNames::Origin of(const Object& object) const;

 private:
  struct Index;
  const Project* project_;
  int version_;
  mutable std::unique_ptr<Index> index_;
};

}  // namespace dbtool::scratch
