#include "lint/functions.h"

#include <algorithm>
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

/// What all overloads of a name use.
void merge(const Uses& from, Uses& into) {
  for (const auto& [table, use] : from.tables) {
    TableUse& known = into.tables[table];
    known.columns.insert(use.columns.begin(), use.columns.end());
    known.all_columns = known.all_columns || use.all_columns;
    known.written = known.written || use.written;
    known.conflict_columns.insert(use.conflict_columns.begin(), use.conflict_columns.end());
  }
  into.functions.insert(from.functions.begin(), from.functions.end());
  for (const auto& [function, shapes] : from.calls) into.calls[function].insert(shapes.begin(), shapes.end());
  into.types.insert(from.types.begin(), from.types.end());
  into.constants.insert(from.constants.begin(), from.constants.end());
  into.locks_rows = into.locks_rows || from.locks_rows;
}

FunctionState of_method(const Method& method, int version) {
  FunctionState state;
  state.name = method.name;
  state.is_method = true;
  state.defined_in = version;
  add_expression_uses(method.body->text, state.uses);
  if (method.args) add_type_uses(method.args->text, state.uses);
  state.overloads.emplace_back(
      method.args ? overload_of_arguments(method.args->text) : Overload{false, {}, 0, false}, Uses{});
  if (method.returns) add_type_uses(method.returns->text, state.uses);
  return state;
}

/// Of `create function`: what stands in its definition; its statements come by themselves.
FunctionState of_definition(const Statement& statement, int version) {
  FunctionState state;
  state.name = statement.actions.front().other.name;
  state.defined_in = version;
  state.overloads.emplace_back(overload_of(statement.actions.front()), Uses{});
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

/// What one version makes, in the order of its text.
class Definitions {
 public:
  void add(FunctionState state) {
    remove(state.name, state.overloads.front().first);
    states_.push_back(std::move(state));
  }

  void remove(const std::string& name, const Overload& overload) {
    std::erase_if(states_, [&](const FunctionState& one) {
      return one.name == name && one.overloads.front().first.same_as(overload);
    });
  }

  /// The one whose body is being read; nullptr: none.
  FunctionState* latest(const std::string& name) {
    for (std::size_t i = states_.size(); i-- > 0;) {
      if (states_[i].name == name) return &states_[i];
    }
    return nullptr;
  }

  std::vector<FunctionState> take() { return std::move(states_); }

 private:
  std::vector<FunctionState> states_;
};

}  // namespace

void Functions::apply(const Script& script) {
  const int version = script.version->number;
  Definitions defined;
  for (const Statement& statement : script.statements) {
    for (const sql::Action& action : statement.actions) {
      if (statement.part == Part::script && drops_function(action)) {
        drop(action.other.name, overload_of(action));
        defined.remove(action.other.name, overload_of(action));
      }
      if (action.kind == ActionKind::create_function && statement.part == Part::script)
        defined.add(of_definition(statement, version));
    }
    if (statement.part != Part::function) continue;
    if (FunctionState* state = defined.latest(statement.function)) add_body(statement, state->uses);
  }
  for (const Method& method : script.version->methods) {
    if (method.body) defined.add(of_method(method, version));
  }
  for (const Statement& statement : script.statements) {
    if (statement.part != Part::method) continue;
    if (FunctionState* state = defined.latest(statement.function)) add_body(statement, state->uses);
  }
  for (FunctionState& state : defined.take()) define(std::move(state));
}

void Functions::define(FunctionState state) {
  if (state.name.empty() || state.name.starts_with("online_migration_v")) return;
  add_row_types(state.uses);
  state.overloads.front().second = std::move(state.uses);
  if (const FunctionState* known = find(state.name)) {
    state.is_method = state.is_method || known->is_method;  // a script may replace a method's body
    for (const auto& one : known->overloads) {
      if (!one.first.same_as(state.overloads.front().first)) state.overloads.push_back(one);
    }
  }
  put(std::move(state));
}

/// In place of what bears the name.
void Functions::put(FunctionState state) {
  drop(state.name);
  state.uses = {};
  for (const auto& [overload, uses] : state.overloads) merge(uses, state.uses);
  for (const auto& [table, use] : state.uses.tables) {
    users_[table].insert(state.name);
    ever_used_.insert(table);
  }
  for (const std::string& type : state.uses.types) users_[type].insert(state.name);
  for (const std::string& function : state.uses.functions) callers_[function].insert(state.name);
  std::string name = state.name;
  functions_[std::move(name)] = std::move(state);
}

void Functions::drop(const std::string& name, const Overload& overload) {
  const FunctionState* known = find(name);
  if (known == nullptr) return;
  FunctionState rest = *known;
  std::erase_if(rest.overloads, [&](const auto& one) { return one.first.same_as(overload); });
  if (rest.overloads.empty())
    drop(name);
  else
    put(std::move(rest));
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

std::vector<std::string> Functions::methods_calling(const std::string& function, const Overload& gone) const {
  const auto callers = callers_.find(function);
  if (callers == callers_.end()) return {};
  const FunctionState* left = find(function);
  const auto is_served = [&](const CallShape& call) {
    return left != nullptr && std::any_of(left->overloads.begin(), left->overloads.end(),
                                          [&](const auto& one) { return may_call(call, one.first); });
  };
  std::set<std::string> harmed;
  for (const std::string& caller : callers->second) {
    const auto& calls = functions_.at(caller).uses.calls;
    const auto shapes = calls.find(function);
    const bool is_harmed =
        shapes == calls.end() ||
        std::any_of(shapes->second.begin(), shapes->second.end(),
                    [&](const CallShape& call) { return may_call(call, gone) && !is_served(call); });
    if (is_harmed) harmed.insert(caller);
  }
  return methods_above(std::move(harmed));
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
