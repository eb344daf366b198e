#include <map>
#include <nlohmann/json.hpp>

#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"
#include "sql/type.h"

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

/// What `returns` may say behind the type: `integer stable security definer`.
void read_attributes(const json& function, ReturnType& result) {
  for (const json& item : function.at("options")) {
    const json& option = item.at("DefElem");
    const std::string name = member(option, "defname");
    if (name == "volatility") result.volatility = option.at("arg").at("String").value("sval", "");
    if (name == "security") result.security_definer = option.at("arg").at("Boolean").value("boolval", false);
  }
}

/// Tree of a function declared with these texts; nothing when it does not parse, or parses as something else.
std::optional<json> function_tree(const std::string& args, const std::string& returns) {
  json tree = parse_tree("create function f(" + args + "\n) returns " + returns + "\nlanguage x as ''");
  if (tree.size() != 1 || !tree.at(0).at("stmt").contains("CreateFunctionStmt")) return std::nullopt;
  return std::move(tree.at(0).at("stmt").at("CreateFunctionStmt"));
}

/// What `parse` makes of a text, remembered: methods share a few signatures, and each is asked for by many.
template <class Parsed>
Parsed remembered(std::string_view text, Parsed (*parse)(std::string_view)) {
  constexpr std::size_t most = 10'000;
  static thread_local std::map<std::string, Parsed, std::less<>> known;
  if (const auto found = known.find(text); found != known.end()) return found->second;
  if (known.size() >= most) known.clear();
  return known.emplace(text, parse(text)).first->second;
}

std::optional<std::vector<Argument>> arguments_of(std::string_view args) {
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

std::optional<ReturnType> return_type_of(std::string_view returns) {
  try {
    const std::optional<json> function = function_tree("", without_prefix_variable(returns));
    if (!function || !function->contains("returnType")) return std::nullopt;
    const json& type = function->at("returnType");
    ReturnType result;
    read_attributes(*function, result);
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

}  // namespace

std::optional<std::vector<Argument>> parse_arguments(std::string_view args) {
  return remembered(args, arguments_of);
}

std::optional<ReturnType> parse_returns(std::string_view returns) {
  return remembered(returns, return_type_of);
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
