#include <map>
#include <nlohmann/json.hpp>

#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

/// What stands between two commas outside of parentheses.
struct Chunk {
  std::string text;  ///< up to the default
  std::optional<std::string> default_text;
};

/// Cuts an argument list into its arguments and cuts the defaults off, so that the parser need not know the
/// syntax of an expression.
std::vector<Chunk> chunks_of(std::string_view args) {
  const std::vector<Token> tokens = tokenize(args);
  std::vector<Chunk> chunks;
  for (std::size_t begin = 0; begin < tokens.size();) {
    int depth = 0;
    std::size_t end = begin;
    std::size_t default_at = std::string_view::npos;
    for (; end < tokens.size(); ++end) {
      const Token& token = tokens[end];
      if (token.is("(") || token.is("[")) ++depth;
      if (token.is(")") || token.is("]")) --depth;
      if (depth == 0 && token.is(",")) break;
      const bool opens_default = token.is("default") || token.is("=") || token.is(":=");
      if (depth == 0 && opens_default && end > begin && default_at == std::string_view::npos)
        default_at = end;
    }
    const auto text = [&](std::size_t from, std::size_t to) {
      if (from >= to) return std::string();
      return std::string(args.substr(tokens[from].offset, tokens[to - 1].end() - tokens[from].offset));
    };
    Chunk chunk;
    chunk.text = text(begin, std::min(end, default_at));
    if (default_at != std::string_view::npos) chunk.default_text = text(default_at + 1, end);
    chunks.push_back(std::move(chunk));
    begin = end + 1;
  }
  return chunks;
}

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

/// Lengths and precisions are left out: a function's type has none.
std::string type_text(const json& type) {
  std::vector<std::string> names;
  for (const json& part : type.at("names")) names.push_back(part.at("String").value("sval", ""));
  std::string text;
  if (names.size() == 1 || (names.size() == 2 && names[0] == "pg_catalog")) {
    text = standard_name(names.back());
  } else {
    for (const std::string& name : names) text += (text.empty() ? "" : ".") + quote_if_needed(name);
  }
  if (type.value("pct_type", false)) text += "%type";
  // However many brackets are written, the server knows one array type.
  if (type.contains("arrayBounds")) text += "[]";
  return text;
}

std::string mode_text(const std::string& mode) {
  if (mode == "FUNC_PARAM_OUT") return "out";
  if (mode == "FUNC_PARAM_INOUT") return "inout";
  if (mode == "FUNC_PARAM_VARIADIC") return "variadic";
  return mode == "FUNC_PARAM_TABLE" ? "table" : "in";
}

Argument argument_of(const json& parameter) {
  Argument argument;
  argument.mode = mode_text(member(parameter, "mode"));
  argument.name = member(parameter, "name");
  argument.type = type_text(parameter.at("argType"));
  return argument;
}

/// Tree of a function declared with these texts; nothing when it does not parse, or parses as something else.
std::optional<json> function_tree(const std::string& args, const std::string& returns) {
  const json tree = parse_tree("create function f(" + args + "\n) returns " + returns + "\nlanguage x as ''");
  if (tree.size() != 1 || !tree.at(0).at("stmt").contains("CreateFunctionStmt")) return std::nullopt;
  return tree.at(0).at("stmt").at("CreateFunctionStmt");
}

}  // namespace

std::optional<std::vector<Argument>> parse_arguments(std::string_view args) {
  try {
    const std::vector<Chunk> chunks = chunks_of(without_prefix_variable(args));
    std::string list;
    for (const Chunk& chunk : chunks) list += (list.empty() ? "" : ", ") + chunk.text;
    const std::optional<json> function = function_tree(list, "void");
    if (!function) return std::nullopt;
    std::vector<Argument> arguments;
    if (function->contains("parameters")) {
      for (const json& item : function->at("parameters"))
        arguments.push_back(argument_of(item.at("FunctionParameter")));
    }
    if (arguments.size() != chunks.size()) return std::nullopt;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      arguments[i].has_default = chunks[i].default_text.has_value();
      arguments[i].default_text = chunks[i].default_text.value_or("");
    }
    return arguments;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<ReturnType> parse_returns(std::string_view returns) {
  try {
    const std::optional<json> function = function_tree("", without_prefix_variable(returns));
    if (!function || !function->contains("returnType")) return std::nullopt;
    const json& type = function->at("returnType");
    ReturnType result;
    result.is_set = type.value("setof", false);
    result.type = type_text(type);
    if (function->contains("parameters")) {
      for (const json& item : function->at("parameters")) {
        result.columns.push_back(argument_of(item.at("FunctionParameter")));
      }
    }
    return result;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string drop_signature(std::string_view args) {
  std::string signature;
  const auto add = [&](const std::string& part) { signature += (signature.empty() ? "" : ", ") + part; };
  if (const auto arguments = parse_arguments(args)) {
    for (const Argument& argument : *arguments) {
      if (argument.mode != "out") add(argument.type);
    }
    return signature;
  }
  // Not understood: the arguments as written, without the defaults, are what `drop function` takes.
  for (const Chunk& chunk : chunks_of(args)) add(chunk.text);
  return signature;
}

}  // namespace dbtool::sql
