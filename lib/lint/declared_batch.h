#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/action.h"

namespace dbtool::lint {

/// `$range$` or `$range:alias$` in a statement of a declared online migration.
struct RangeMark {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string alias{};  ///< empty: none
};

std::vector<RangeMark> range_marks(std::string_view sql);

/// The statement with a condition in place of each mark, at the same offsets where there is room: "(true)".
std::string without_ranges(std::string_view sql);

/// A relation that a statement names, and what it calls it there.
struct NamedRelation {
  sql::ObjectName table{};
  std::string alias{};  ///< the table's name where there is none
};

/// All of a parse tree, in no certain order.
std::vector<NamedRelation> named_relations(const nlohmann::json& tree);

}  // namespace dbtool::lint
