#include "lint/row_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lint/whole_change.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

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

}  // namespace

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
    if (one.run_as != sql::RunAs::loop_query && one.run_as != sql::RunAs::cursor_query &&
        writes(one, context))
      found.push_back(&one);
  }
  return found;
}

bool is_run_by_script(const Statement& statement, const Script& script) {
  if (statement.part == Part::script) return true;
  return statement.part == Part::function && script.calls.contains(statement.function);
}

}  // namespace dbtool::lint
