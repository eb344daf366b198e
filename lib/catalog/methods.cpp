#include "catalog/methods.h"

#include <algorithm>
#include <set>
#include <utility>

#include "catalog/diff.h"
#include "catalog/signature.h"
#include "sql/function.h"

namespace dbtool::catalog {
namespace {

/// What is known of one function name while the versions are walked in their order.
struct History {
  const Method* definition = nullptr;
  int defined_in = 0;
  bool deprecated = false;
  bool redefined_by_script = false;
  int made_by_script_in = 0;  ///< as a helper, not as a method
  int dropped_in = 0;
  const Method* later = nullptr;  ///< first definition above the version
  int later_in = 0;
};

using Histories = std::map<std::string, History>;

/// Texts of signatures repeat: each is parsed once.
class SignatureParser {
 public:
  std::optional<std::vector<sql::Argument>> arguments(const std::string& text) {
    auto found = arguments_.find(text);
    if (found == arguments_.end()) found = arguments_.emplace(text, sql::parse_arguments(text)).first;
    return found->second;
  }
  std::optional<sql::ReturnType> returns(const std::string& text) {
    auto found = returns_.find(text);
    if (found == returns_.end()) found = returns_.emplace(text, sql::parse_returns(text)).first;
    return found->second;
  }

 private:
  std::map<std::string, std::optional<std::vector<sql::Argument>>> arguments_;
  std::map<std::string, std::optional<sql::ReturnType>> returns_;
};

/// Whether `drop function name(arguments)` means this method.
bool means(const sql::FunctionStatement& statement, const Method* definition) {
  if (!statement.arguments || definition == nullptr || !definition->args) return true;
  return sql::drop_signature(*statement.arguments) == sql::drop_signature(definition->args->text);
}

void read_script(const Version& version, Histories& histories) {
  if (!version.migration_script) return;
  const std::string& script = version.migration_script->text;
  const auto statements = version.transactional ? sql::function_statements_of_block(script)
                                                : sql::function_statements_of_script(script);
  for (const sql::FunctionStatement& statement : statements) {
    History& history = histories[statement.name];
    if (!statement.dropped) {
      history.made_by_script_in = version.number;
      if (history.definition != nullptr) history.redefined_by_script = true;
      history.dropped_in = 0;
    } else if (means(statement, history.definition)) {
      history.dropped_in = version.number;
      history.made_by_script_in = 0;
    }
  }
}

void read_methods(const Version& version, Histories& histories) {
  for (const Method& method : version.methods) {
    History& history = histories[method.name];
    history.deprecated = method.deprecated;
    if (!method.body) continue;
    history.definition = &method;
    history.defined_in = version.number;
    history.redefined_by_script = false;
    history.dropped_in = 0;
  }
}

void read_later(const Version& version, Histories& histories) {
  for (const Method& method : version.methods) {
    History& history = histories[method.name];
    if (history.later != nullptr || !method.body) continue;
    history.later = &method;
    history.later_in = version.number;
  }
}

std::string resolve(const std::string& spelling, const std::map<std::string, std::string>& types) {
  const auto found = types.find(spelling);
  return found == types.end() ? spelling : found->second;
}

std::string defaults_text(const std::vector<sql::Argument>& arguments) {
  std::string text;
  for (const sql::Argument& argument : arguments) {
    if (argument.has_default) text += (text.empty() ? "" : ", ") + argument.default_text;
  }
  return text;
}

Object function_object(const ExpectedMethod& method, const std::map<std::string, std::string>& types) {
  std::vector<sql::Argument> arguments = *method.arguments;
  sql::ReturnType returns = *method.returns;
  for (sql::Argument& argument : arguments) argument.type = resolve(argument.type, types);
  for (sql::Argument& column : returns.columns) column.type = resolve(column.type, types);
  returns.type = resolve(returns.type, types);
  Object object{"function",
                function_identity(method.name, arguments),
                {{"arguments", arguments_text(arguments)},
                 {"returns", returns_text(returns)},
                 {"language", "plpgsql"},
                 {"security", returns.security_definer ? "definer" : "invoker"},
                 {"volatility", returns.volatility}},
                method.definition->place};
  if (method.redefined_by_script) return {object.kind, object.identity, {}, object.place};
  object.facts.emplace("defaults", defaults_text(arguments));
  object.facts.emplace("body", method.definition->body->text);
  return object;
}

}  // namespace

Methods methods_at(const Project& project, int at) {
  Histories histories;
  for (const Version& version : project.versions) {
    if (version.number > at) {
      read_later(version, histories);
      continue;
    }
    read_script(version, histories);
    read_methods(version, histories);
  }
  Methods methods;
  SignatureParser parser;
  for (const auto& [name, history] : histories) {
    const bool gone = history.dropped_in > 0;
    if (history.definition != nullptr && !gone) {
      ExpectedMethod method{
          name, history.definition, history.defined_in, history.deprecated, history.redefined_by_script, {},
          {}};
      if (history.definition->args) method.arguments = parser.arguments(history.definition->args->text);
      if (history.definition->returns) method.returns = parser.returns(history.definition->returns->text);
      methods.expected.push_back(std::move(method));
    } else if (history.definition != nullptr) {
      methods.unexpected.push_back({name, history.dropped_in, true, history.definition});
    } else if (history.later != nullptr && history.made_by_script_in == 0) {
      methods.unexpected.push_back({name, history.later_in, false, history.later});
    }
  }
  return methods;
}

std::vector<std::string> type_spellings(const Methods& methods) {
  std::set<std::string> spellings;
  for (const ExpectedMethod& method : methods.expected) {
    if (!method.arguments || !method.returns) continue;
    for (const sql::Argument& argument : *method.arguments) spellings.insert(argument.type);
    for (const sql::Argument& column : method.returns->columns) spellings.insert(column.type);
    spellings.insert(method.returns->type);
  }
  return {spellings.begin(), spellings.end()};
}

Catalog expected_functions(const Methods& methods, const std::map<std::string, std::string>& types) {
  Catalog objects;
  for (const ExpectedMethod& method : methods.expected) {
    if (method.arguments && method.returns) objects.push_back(function_object(method, types));
  }
  sort(objects);
  return objects;
}

}  // namespace dbtool::catalog
