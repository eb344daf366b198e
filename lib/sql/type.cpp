#include "sql/type.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

/// The server's spelling of the types that have several.
std::string standard_name(const std::string& name) {
  static const std::map<std::string, std::string, std::less<>> names = {
      {"int2", "smallint"},
      {"int4", "integer"},
      {"int8", "bigint"},
      {"float4", "real"},
      {"float8", "double precision"},
      {"bool", "boolean"},
      {"varchar", "character varying"},
      {"bpchar", "character"},
      {"varbit", "bit varying"},
      {"time", "time without time zone"},
      {"timetz", "time with time zone"},
      {"timestamp", "timestamp without time zone"},
      {"timestamptz", "timestamp with time zone"}};
  const auto found = names.find(name);
  return found == names.end() ? quote_if_needed(name) : found->second;
}

std::vector<std::string> name_parts(const json& type_name) {
  std::vector<std::string> parts;
  for (const json& part : type_name.at("names")) parts.push_back(part.at("String").value("sval", ""));
  return parts;
}

std::string base_text(const std::vector<std::string>& parts) {
  if (parts.size() == 1 || (parts.size() == 2 && parts[0] == "pg_catalog"))
    return standard_name(parts.back());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + quote_if_needed(part);
  return text;
}

/// "10,2"; nullopt when a modifier is not a plain number.
std::optional<std::string> modifiers_text(const json& type_name) {
  std::string text;
  if (!type_name.contains("typmods")) return text;
  for (const json& modifier : type_name.at("typmods")) {
    if (!modifier.contains("A_Const") || !modifier["A_Const"].contains("ival")) return std::nullopt;
    text += (text.empty() ? "" : ",") + std::to_string(modifier["A_Const"]["ival"].value("ival", 0));
  }
  return text;
}

/// Of a column's type; nullopt when it is better left as it is.
std::optional<std::string> column_type_text(const json& type_name) {
  std::vector<std::string> parts = name_parts(type_name);
  if (parts.size() == 2 && parts[0] == "public") parts.erase(parts.begin());
  std::string text = base_text(parts);
  std::optional<std::string> modifiers = modifiers_text(type_name);
  if (!modifiers || type_name.value("pct_type", false)) return std::nullopt;
  if (text == "interval" && !modifiers->empty()) return std::nullopt;
  if (text == "numeric" && !modifiers->empty() && modifiers->find(',') == std::string::npos)
    *modifiers += ",0";
  if (!modifiers->empty()) {
    const std::size_t zone = text.starts_with("time") ? text.find(' ') : std::string::npos;
    text.insert(zone == std::string::npos ? text.size() : zone, "(" + *modifiers + ")");
  }
  return type_name.contains("arrayBounds") ? text + "[]" : text;
}

const json* column_type(const json& tree) {
  if (tree.size() != 1 || !tree.at(0).at("stmt").contains("CreateStmt")) return nullptr;
  const json& elements = tree.at(0).at("stmt").at("CreateStmt").at("tableElts");
  if (elements.size() != 1 || !elements.at(0).contains("ColumnDef")) return nullptr;
  return &elements.at(0).at("ColumnDef").at("typeName");
}

constexpr const char* unknown_expression = "…";

/// An integer as written: the tree says nothing of one that is not above zero.
std::string integer_text(const json& constant, std::string_view sql) {
  const int value = constant.at("ival").value("ival", 0);
  if (value != 0) return std::to_string(value);
  const auto location = static_cast<std::size_t>(constant.value("location", 0));
  std::string text;
  for (const Token& token : tokenize(sql.substr(std::min(location, sql.size())))) {
    if (token.is("-")) text = "-";
    if (token.kind != TokenKind::number) continue;
    text += sql.substr(location + token.offset, token.length);
    break;
  }
  return text;
}

/// What a constant says, whatever its spelling: 1, '1' and '1'::integer are one.
std::string constant_text(const json& expression, std::string_view sql) {
  if (expression.contains("TypeCast")) return constant_text(expression.at("TypeCast").at("arg"), sql);
  if (!expression.contains("A_Const")) return unknown_expression;
  const json& constant = expression.at("A_Const");
  if (constant.value("isnull", false)) return "null";
  if (constant.contains("ival")) return integer_text(constant, sql);
  if (constant.contains("sval")) return constant["sval"].value("sval", "");
  if (constant.contains("boolval")) return constant["boolval"].value("boolval", false) ? "true" : "false";
  if (constant.contains("fval")) return constant["fval"].value("fval", "");
  return unknown_expression;
}

}  // namespace

std::string quote_if_needed(const std::string& name) {
  bool plain = !name.empty();
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    plain = plain && ((c >= 'a' && c <= 'z') || c == '_' || (i > 0 && c >= '0' && c <= '9'));
  }
  if (plain && name != "char") return name;
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string type_text(const json& type_name) {
  std::string text = base_text(name_parts(type_name));
  if (type_name.value("pct_type", false)) text += "%type";
  // However many brackets are written, the server knows one array type.
  if (type_name.contains("arrayBounds")) text += "[]";
  return text;
}

std::string full_type_text(const json& type_name) {
  return column_type_text(type_name).value_or(type_text(type_name));
}

std::string canonical_type(std::string_view type) {
  try {
    const json tree = parse_tree("create table t (c " + std::string(type) + "\n)");
    const json* node = column_type(tree);
    if (node != nullptr) {
      if (const auto text = column_type_text(*node)) return *text;
    }
  } catch (const json::exception&) {
    // A tree of a form that is not known here.
  }
  return normalize(type);
}

std::vector<std::string> canonical_defaults(std::string_view expressions) {
  std::vector<std::string> values;
  if (tokenize(expressions).empty()) return values;
  try {
    const std::string sql = "select " + std::string(expressions);
    const json tree = parse_tree(sql);
    if (tree.size() != 1 || !tree.at(0).at("stmt").contains("SelectStmt")) return values;
    for (const json& target : tree.at(0).at("stmt").at("SelectStmt").at("targetList")) {
      values.push_back(constant_text(target.at("ResTarget").at("val"), sql));
    }
  } catch (const json::exception&) {
    values.clear();
  }
  return values;
}

std::optional<QualifiedName> parse_type_name(std::string_view type) {
  const std::vector<Token> tokens = tokenize(type);
  QualifiedName found;
  std::vector<std::string> parts;
  std::size_t i = 0;
  for (; i < tokens.size(); i += 2) {
    if (tokens[i].kind != TokenKind::word && tokens[i].kind != TokenKind::quoted_identifier)
      return std::nullopt;
    parts.push_back(identifier(type, tokens[i]));
    if (i + 1 >= tokens.size() || !tokens[i + 1].is(".")) break;
  }
  ++i;
  if (i + 1 < tokens.size() && tokens[i].is("%")) {
    found.is_column_type = true;
    i += 2;
  }
  if (i + 1 < tokens.size() && tokens[i].is("[")) {
    found.is_array = true;
    i += 2;
  }
  if (i < tokens.size() || parts.empty()) return std::nullopt;
  if (found.is_column_type) {
    if (parts.size() < 2) return std::nullopt;
    found.column = parts.back();
    parts.pop_back();
  }
  if (parts.size() > 2) return std::nullopt;
  found.name = parts.back();
  if (parts.size() == 2) found.schema = parts.front();
  return found;
}

}  // namespace dbtool::sql
