#include "lint/functions.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "sql/token.h"

namespace dbtool::lint {
namespace {

using sql::ActionKind;

void add_body(const Statement& statement, Uses& uses) {
  if (statement.parsed) add_uses(*statement.tree, uses);
}

/// Row types are tables: whoever passes rows around uses all of their columns.
void add_row_types(Uses& uses) {
  for (const std::string& type : uses.types) {
    const auto table = uses.tables.find(type);
    if (table != uses.tables.end()) table->second.all_columns = true;
  }
}

FunctionState of_method(const Method& method, int version) {
  FunctionState state;
  state.name = method.name;
  state.is_method = true;
  state.defined_in = version;
  add_expression_uses(method.body->text, state.uses);
  if (method.args) add_type_uses(method.args->text, state.uses);
  if (method.returns) add_type_uses(method.returns->text, state.uses);
  return state;
}

/// Of `create function`: what stands in its definition; its statements come by themselves.
FunctionState of_definition(const Statement& statement, int version) {
  FunctionState state;
  state.name = statement.actions.front().other.name;
  state.defined_in = version;
  add_body(statement, state.uses);
  for (const sql::Token& token : sql::tokenize(statement.text)) {
    if (token.kind == sql::TokenKind::string)
      add_expression_uses(sql::string_value(statement.text, token), state.uses);
  }
  return state;
}

bool drops_function(const sql::Action& action) {
  return action.kind == ActionKind::drop_object &&
         (action.type == "function" || action.type == "procedure" || action.type == "routine");
}

}  // namespace

void Functions::apply(const Script& script) {
  const int version = script.version->number;
  std::map<std::string, FunctionState> defined;
  for (const Statement& statement : script.statements) {
    for (const sql::Action& action : statement.actions) {
      if (statement.part == Part::script && drops_function(action)) {
        drop(action.other.name);
        defined.erase(action.other.name);
      }
      if (action.kind == ActionKind::create_function && statement.part == Part::script)
        defined[action.other.name] = of_definition(statement, version);
    }
    const bool inside = statement.part == Part::function || statement.part == Part::method;
    if (!inside) continue;
    const auto found = defined.find(statement.function);
    if (statement.part == Part::function && found != defined.end()) add_body(statement, found->second.uses);
  }
  for (const Method& method : script.version->methods) {
    if (method.body) defined[method.name] = of_method(method, version);
  }
  for (const Statement& statement : script.statements) {
    if (statement.part == Part::method) add_body(statement, defined[statement.function].uses);
  }
  for (auto& [name, state] : defined) define(std::move(state));
}

void Functions::define(FunctionState state) {
  if (state.name.empty() || state.name.starts_with("online_migration_v")) return;
  const FunctionState* known = find(state.name);
  if (known != nullptr && known->is_method) state.is_method = true;  // a script may replace a method's body
  drop(state.name);
  add_row_types(state.uses);
  for (const auto& [table, use] : state.uses.tables) {
    users_[table].insert(state.name);
    ever_used_.insert(table);
  }
  for (const std::string& type : state.uses.types) users_[type].insert(state.name);
  for (const std::string& function : state.uses.functions) callers_[function].insert(state.name);
  std::string name = state.name;
  functions_[std::move(name)] = std::move(state);
}

void Functions::drop(const std::string& name) {
  const auto found = functions_.find(name);
  if (found == functions_.end()) return;
  for (const auto& [table, use] : found->second.uses.tables) users_[table].erase(name);
  for (const std::string& type : found->second.uses.types) users_[type].erase(name);
  for (const std::string& function : found->second.uses.functions) callers_[function].erase(name);
  functions_.erase(found);
}

const FunctionState* Functions::find(const std::string& name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

std::vector<std::string> Functions::methods_above(std::set<std::string> functions) const {
  std::vector<std::string> open(functions.begin(), functions.end());
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    const auto callers = callers_.find(name);
    if (callers == callers_.end()) continue;
    for (const std::string& caller : callers->second) {
      if (functions.insert(caller).second) open.push_back(caller);
    }
  }
  std::vector<std::string> methods;
  for (const std::string& name : functions) {
    const FunctionState* state = find(name);
    if (state != nullptr && state->is_method) methods.push_back(name);
  }
  return methods;
}

std::vector<std::string> Functions::methods_that(const Predicate& needs) const {
  std::set<std::string> functions;
  for (const auto& [name, state] : functions_) {
    if (needs(state.uses)) functions.insert(name);
  }
  return methods_above(std::move(functions));
}

std::vector<std::string> Functions::methods_on(const std::string& table, const Predicate& needs) const {
  const auto users = users_.find(table);
  if (users == users_.end()) return {};
  std::set<std::string> functions;
  for (const std::string& name : users->second) {
    if (needs(functions_.at(name).uses)) functions.insert(name);
  }
  return methods_above(std::move(functions));
}

std::vector<std::string> Functions::methods_calling(const std::string& function) const {
  const auto callers = callers_.find(function);
  return callers == callers_.end() ? std::vector<std::string>{} : methods_above(callers->second);
}

bool Functions::reaches(const std::string& function, const Predicate& holds) const {
  std::set<std::string> seen{function};
  std::vector<std::string> open{function};
  while (!open.empty()) {
    const FunctionState* state = find(open.back());
    open.pop_back();
    if (state == nullptr) continue;
    if (holds(state->uses)) return true;
    for (const std::string& called : state->uses.functions) {
      if (seen.insert(called).second) open.push_back(called);
    }
  }
  return false;
}

}  // namespace dbtool::lint
