#include "sql/tree.h"

#include <pg_query.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

namespace dbtool::sql {

namespace {

/// cursorpos counts characters from 1; offsets count bytes from 0.
std::size_t byte_offset(std::string_view text, int cursor) {
  std::size_t offset = 0;
  for (int characters = 1; characters < cursor && offset < text.size(); ++characters) {
    ++offset;
    while (offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xC0U) == 0x80U) ++offset;
  }
  return offset;
}

}  // namespace

nlohmann::json parse_tree(const std::string& text, std::optional<SyntaxError>* error) {
  PgQueryParseResult result = pg_query_parse(text.c_str());
  const std::unique_ptr<PgQueryParseResult, void (*)(PgQueryParseResult*)> owner(
      &result, [](PgQueryParseResult* r) { pg_query_free_parse_result(*r); });
  if (result.error != nullptr) {
    if (error != nullptr)
      *error = SyntaxError{result.error->message, byte_offset(text, result.error->cursorpos)};
    return nlohmann::json::array();
  }
  const nlohmann::json tree = nlohmann::json::parse(result.parse_tree, nullptr, false);
  if (tree.is_discarded() || !tree.contains("stmts")) return nlohmann::json::array();
  return tree.at("stmts");
}

std::string member(const nlohmann::json& node, const char* name) {
  const auto found = node.find(name);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string without_prefix_variable(std::string_view text) {
  constexpr std::string_view variable = "$db_user_prefix$";
  std::string masked(text);
  for (std::size_t at = 0; (at = masked.find(variable, at)) != std::string::npos; at += variable.size()) {
    masked[at] = '_';
    masked[at + variable.size() - 1] = '_';
  }
  return masked;
}

}  // namespace dbtool::sql
