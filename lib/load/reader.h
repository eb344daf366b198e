#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/complaints.h"
#include "load/yaml.h"

namespace dbtool::load {

/// Reads typed values of one file, and complains about each that is of another type. Every function that
/// returns an optional has complained when it returns nullopt.
class Reader {
 public:
  Reader(const Document& document, Complaints& complaints) : document_(document), complaints_(complaints) {}

  const Document& document() const { return document_; }
  Complaints& complaints() const { return complaints_; }

  Place place(const Entry& entry) const { return document_.place(entry.position); }
  Place place(const Node& node) const { return document_.place(node.position); }
  void complain(const Entry& entry, std::string text) const {
    complaints_.add(place(entry), std::move(text));
  }
  void complain(const Node& node, std::string text) const { complaints_.add(place(node), std::move(text)); }

  /// Complains about every key of `mapping` that is not in `known`; `what`: "a version file", "a method".
  void check_keys(const Node& mapping, const std::vector<std::string>& known, const std::string& what) const;

  /// Whether the value is a mapping, or a list.
  bool is_mapping(const Entry& entry, const std::string& advice) const;
  bool is_list(const Entry& entry, const std::string& advice) const;

  /// Text that is not empty (unless `may_be_empty`); an unquoted number or boolean is none.
  std::optional<std::string> text(const Entry& entry, bool may_be_empty = false) const;
  std::optional<std::string> text(const Node& node, const std::string& name, bool may_be_empty = false) const;
  std::optional<bool> boolean(const Entry& entry) const;
  std::optional<std::int64_t> integer(const Entry& entry, std::int64_t least, std::int64_t most) const;

 private:
  const Document& document_;
  Complaints& complaints_;
};

}  // namespace dbtool::load
