#include "sql/tree.h"

#include <pg_query.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/text.h"
#include "sql/token.h"

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

/// Trees are printed and copied by recursion, which a deeper one would bring to the end of the stack.
constexpr std::size_t deepest_tree = 1000;

/// How deep a tree may get, from above: operators in a row and parentheses nest.
bool is_too_deep(std::string_view text) {
  static const std::set<std::string, std::less<>> nesting = {"union", "intersect", "except", "join",
                                                             "not",   "case",      "is",     "collate"};
  if (text.size() < deepest_tree) return false;
  std::vector<std::size_t> levels{0};
  std::size_t depth = 0;
  for (const Token& token : tokenize(text)) {
    const bool separates = token.is(",") || token.is(";") || token.is("and") || token.is("or");
    if (token.is("(") || token.is("[")) {
      levels.push_back(1);
      ++depth;
    } else if (token.is(")") || token.is("]")) {
      if (levels.size() < 2) continue;
      depth -= levels.back();
      levels.pop_back();
    } else if (separates) {
      depth -= levels.back();
      levels.back() = 0;
    } else if ((token.kind == TokenKind::symbol && !token.is(".")) || nesting.contains(token.lower)) {
      ++levels.back();
      ++depth;
    }
    if (depth > deepest_tree) return true;
  }
  return false;
}

}  // namespace

nlohmann::json parse_tree(const std::string& text, std::optional<SyntaxError>* error) {
  if (is_too_deep(text)) {
    if (error != nullptr) *error = SyntaxError{"nested too deeply", 0};
    return nlohmann::json::array();
  }
  PgQueryParseResult result = pg_query_parse(text.c_str());
  const std::unique_ptr<PgQueryParseResult, void (*)(PgQueryParseResult*)> owner(
      &result, [](PgQueryParseResult* r) { pg_query_free_parse_result(*r); });
  if (result.error != nullptr) {
    if (error != nullptr)
      *error = SyntaxError{result.error->message, byte_offset(text, result.error->cursorpos)};
    return nlohmann::json::array();
  }
  nlohmann::json tree = nlohmann::json::parse(result.parse_tree, nullptr, false);
  if (tree.is_discarded() || !tree.contains("stmts")) return nlohmann::json::array();
  return std::move(tree.at("stmts"));
}

std::string member(const nlohmann::json& node, const char* name) {
  const auto found = node.find(name);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const nlohmann::json* child(const nlohmann::json& node, const char* name) {
  const auto found = node.find(name);
  return found == node.end() ? nullptr : &*found;
}

const nlohmann::json* node_of(const nlohmann::json& node, const char* kind) {
  return node.is_object() ? child(node, kind) : nullptr;
}

bool has_option(const nlohmann::json& node, const char* list, std::string_view name) {
  static const std::set<std::string, std::less<>> off = {"off", "false", "0", "f"};
  const nlohmann::json* options = child(node, list);
  if (options == nullptr) return false;
  bool on = false;
  for (const nlohmann::json& option : *options) {
    const nlohmann::json* element = node_of(option, "DefElem");
    if (element == nullptr || member(*element, "defname") != name) continue;
    const nlohmann::json* value = child(*element, "arg");
    const nlohmann::json* word = value == nullptr ? nullptr : node_of(*value, "String");
    const nlohmann::json* number = value == nullptr ? nullptr : node_of(*value, "Integer");
    const nlohmann::json* truth = value == nullptr ? nullptr : node_of(*value, "Boolean");
    on = !(word != nullptr && off.contains(dbtool::to_lower(member(*word, "sval")))) &&
         !(number != nullptr && number->value("ival", 0) == 0) &&
         !(truth != nullptr && !truth->value("boolval", false));
  }
  return on;
}

std::vector<std::string> called_functions(const nlohmann::json& tree) {
  std::vector<std::string> names;
  std::vector<const nlohmann::json*> open{&tree};
  while (!open.empty()) {
    const nlohmann::json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    const nlohmann::json* call = node_of(one, "FuncCall");
    const nlohmann::json* name = call == nullptr ? nullptr : child(*call, "funcname");
    if (name != nullptr && !name->empty()) {
      if (const nlohmann::json* last = node_of(name->back(), "String"))
        names.push_back(member(*last, "sval"));
    }
    for (const nlohmann::json& inner : one) open.push_back(&inner);
  }
  return names;
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
