#include "lint/row_loop.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "lint/whole_change.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

bool writes(const Statement& statement, const Context& context) {
  const bool changes =
      std::any_of(statement.actions.begin(), statement.actions.end(), [](const sql::Action& action) {
        return action.kind == sql::ActionKind::insert_rows || action.kind == sql::ActionKind::update_rows ||
               action.kind == sql::ActionKind::delete_rows || action.kind == sql::ActionKind::merge_rows;
      });
  if (changes) return true;
  const bool calls = statement.run_as == sql::RunAs::perform || statement.run_as == sql::RunAs::statement;
  if (!calls || !statement.parsed) return false;
  const std::vector<std::string> called = sql::called_functions(*statement.tree);
  return std::any_of(called.begin(), called.end(),
                     [&](const std::string& function) { return is_known_writer(function, context); });
}

bool is_in_plain_loop(const Statement& statement) {
  return statement.loops > statement.row_loops && !statement.heads_loop;
}

/// The known table of which a query with a limit, anywhere in the statement, takes the next rows.
std::optional<sql::ObjectName> limited_walk(const Statement& statement, const Context& context) {
  if (!statement.parsed) return std::nullopt;
  std::vector<const json*> open{statement.tree.get()};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    const json* select = one.is_object() ? sql::node_of(one, "SelectStmt") : nullptr;
    if (select != nullptr && select->contains("limitCount")) {
      json whole = one;
      whole.at("SelectStmt").erase("limitCount");
      auto walked = walked_by(whole, context);
      if (walked && context.schema.table(*walked) != nullptr) return walked;
    }
    for (const json& inner : one) open.push_back(&inner);
  }
  return std::nullopt;
}

bool is_about(const Statement& statement, const sql::ObjectName& table) {
  return std::any_of(statement.actions.begin(), statement.actions.end(), [&](const sql::Action& action) {
    return action.table == table ||
           std::find(action.others.begin(), action.others.end(), table) != action.others.end();
  });
}

}  // namespace

std::optional<sql::ObjectName> walked_in_batches(const Statement& statement, const Context& context) {
  if (!is_in_plain_loop(statement) || !writes(statement, context)) return std::nullopt;
  if (auto walked = limited_walk(statement, context)) return walked;
  // Of the statements before it in the same loop.
  const std::vector<Statement>& all = context.script.statements;
  for (auto at = static_cast<std::size_t>(&statement - all.data()); at-- > 0;) {
    const Statement& one = all[at];
    if (one.source != statement.source || one.function != statement.function || one.loops == 0) break;
    if (!is_in_plain_loop(one) || writes(one, context)) continue;
    auto walked = limited_walk(one, context);
    if (walked && is_about(statement, *walked)) return walked;
  }
  return std::nullopt;
}

std::vector<const Statement*> writes_in_loop(const Statement& query, const Context& context) {
  std::vector<const Statement*> found;
  const std::vector<Statement>& all = context.script.statements;
  const auto at = static_cast<std::size_t>(&query - all.data());
  const bool cursor = query.run_as == sql::RunAs::cursor_query;
  for (std::size_t i = at + 1; i < all.size(); ++i) {
    const Statement& one = all[i];
    if (one.source != query.source || one.function != query.function || one.part != query.part) {
      if (one.part == query.part) break;
      continue;
    }
    if (!cursor && one.loops <= query.loops) break;
    if (cursor && one.row_loops == 0) continue;
    if (!one.heads_loop && one.run_as != sql::RunAs::cursor_query && writes(one, context))
      found.push_back(&one);
  }
  return found;
}

std::string loop_variable(const Statement& query) {
  if (query.source == nullptr || query.offset > query.source->text.size()) return "";
  const std::string before = to_lower(std::string_view(query.source->text).substr(0, query.offset));
  // From the word on: what stands before it may be the begin of a dollar quote.
  std::size_t at = before.rfind("for");
  while (at != std::string::npos && at > 0 && at + 3 < before.size() &&
         std::isspace(static_cast<unsigned char>(before[at + 3])) == 0)
    at = before.rfind("for", at - 1);
  if (at == std::string::npos) return "";
  const std::vector<sql::Token> tokens = sql::tokenize(std::string_view(before).substr(at));
  const bool plain = tokens.size() >= 3 && tokens[0].is("for") && tokens[2].is("in");
  return plain ? tokens[1].lower : "";
}

bool is_run_by_script(const Statement& statement, const Script& script) {
  if (statement.part == Part::script) return true;
  return statement.part == Part::function && script.calls.contains(statement.function);
}

}  // namespace dbtool::lint
