#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "sql/action.h"

namespace dbtool::sql {

/// A ColumnDef node of `text`. Throws nlohmann::json::exception on a form that is not known.
Column read_column(const nlohmann::json& node, std::string_view text);

/// A Constraint node of a table.
Constraint read_constraint(const nlohmann::json& node, std::string_view text);

/// The relation of a RangeVar node, with or without its wrapper.
ObjectName relation_name(const nlohmann::json& node);

/// A name given as a list of strings, its last `skip` parts left out.
ObjectName list_name(const nlohmann::json& items, std::size_t skip = 0);

/// Part number `from_end` of a list of strings, counted from its end; empty when there is none.
std::string list_part(const nlohmann::json& items, std::size_t from_end);

/// The parts of a list of strings.
std::vector<std::string> list_strings(const nlohmann::json& items);

/// Whether evaluating an expression for every row gives other values; `functions` gets the functions called.
Volatility volatility_of(const nlohmann::json& expression, std::vector<std::string>& functions);

/// Text of the expression that begins at `offset`: up to a comma, a closing parenthesis or a word that begins
/// the next constraint of a column.
std::string expression_at(std::string_view text, std::size_t offset);

}  // namespace dbtool::sql
