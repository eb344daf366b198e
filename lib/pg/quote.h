#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbtool::pg {

/// "name", with inner quotes doubled; always quoted.
std::string quote_identifier(std::string_view name);
/// "schema"."name" of a possibly qualified, possibly quoted name as people write it (`dbtool.version`,
/// `tcversion`).
std::string quote_qualified(std::string_view name);
/// The parts of a possibly qualified name: {schema or "public", name}. Throws Error(usage) when it is not a
/// name.
std::pair<std::string, std::string> split_qualified(std::string_view name);
/// 'text' as a literal (standard_conforming_strings on; E'' when it holds a backslash).
std::string quote_literal(std::string_view text);
/// $tag$text$tag$ with a tag that does not occur in the text and does not merge with a `$` at its end.
std::string dollar_quote(std::string_view text);
/// {"a","b"} as an array literal's text.
std::string array_literal(const std::vector<std::string>& values);

}  // namespace dbtool::pg
