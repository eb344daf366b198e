#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::sql {

/// A type as the server spells it ("integer", "text[]", "numeric(10,2)"), from any spelling of a column's
/// type. Two spellings of one type give the same text; what the parser does not know comes back in its normal
/// form.
std::string canonical_type(std::string_view type);

/// The values of a comma-separated list of default expressions: what a constant says without its cast
/// (`'1'::integer` and 1 are both "1", null is "null"), "…" for everything that is no constant. Empty when it
/// cannot be parsed.
std::vector<std::string> canonical_defaults(std::string_view expressions);

/// A type, relation or column name in its parts, quotes gone: "public"."My Type"[] → {public, My Type}, true.
struct QualifiedName {
  std::string schema;  ///< empty: not given
  std::string name;
  std::string column;  ///< of `table.column%type`
  bool is_array = false;
  bool is_column_type = false;
};

/// nullopt where the text is a type of several words ("double precision") or of more parts.
std::optional<QualifiedName> parse_type_name(std::string_view type);

/// "name" where the server would need quotes to take it as a name, else name.
std::string quote_if_needed(const std::string& name);

/// Text of a TypeName node, without a length.
std::string type_text(const nlohmann::json& type_name);

/// The same with its length, as far as it is made of plain numbers: "character varying(20)".
std::string full_type_text(const nlohmann::json& type_name);

}  // namespace dbtool::sql
