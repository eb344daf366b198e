#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lint/rule.h"
#include "model/version.h"
#include "sql/action.h"

namespace dbtool::lint {

/// What a version declares online in the direction that is judged; nullptr: nothing.
const OnlineDeclaration* declaration_of(const Context& context);

/// The table that is walked.
sql::ObjectName walked_table(const OnlineDeclaration& online);

/// `$range$` or `$range:alias$` in a statement of a declared online migration.
struct RangeMark {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string alias{};  ///< empty: none
};

std::vector<RangeMark> range_marks(std::string_view sql);

/// The statement with a condition in place of each mark, at the same offsets where there is room: "(true)".
std::string without_ranges(std::string_view sql);

/// A statement as it stands in the file: that of a declared batch with its ranges.
std::string as_written(const Statement& statement);

/// A relation that a statement names, and what it calls it there.
struct NamedRelation {
  sql::ObjectName table{};
  std::string alias{};  ///< the table's name where there is none
};

/// All of a parse tree, in no certain order.
std::vector<NamedRelation> named_relations(const nlohmann::json& tree);

}  // namespace dbtool::lint
