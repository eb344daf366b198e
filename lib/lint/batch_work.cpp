#include "lint/batch_work.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sql/block.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;
using sql::ActionKind;
using sql::ObjectName;

bool contains_key(const json& tree, const char* key) {
  std::vector<const json*> open{&tree};
  while (!open.empty()) {
    const json& one = *open.back();
    open.pop_back();
    if (!one.is_structured()) continue;
    if (one.is_object() && one.contains(key)) return true;
    for (const json& inner : one) open.push_back(&inner);
  }
  return false;
}

bool has_exists(const json& tree) {
  return tree.dump().find("EXISTS_SUBLINK") != std::string::npos;
}

bool mentions(const sql::Action& action, const ObjectName& table) {
  return action.table == table ||
         std::find(action.others.begin(), action.others.end(), table) != action.others.end();
}

/// Whether the statement keeps others from changing rows of the table until the batch ends.
bool locks(const Statement& statement, const ObjectName& table) {
  if (!statement.parsed) return true;  // who knows
  const bool clause = contains_key(*statement.tree, "lockingClause");
  return std::any_of(statement.actions.begin(), statement.actions.end(), [&](const sql::Action& action) {
    const bool changes = action.kind == ActionKind::update_rows || action.kind == ActionKind::delete_rows ||
                         action.kind == ActionKind::lock_table;
    return (changes && action.table == table) || (clause && mentions(action, table));
  });
}

/// Text that is built at run time may lock what it names at run time.
bool is_built(const Statement& statement) {
  return statement.run_as == sql::RunAs::formatted || statement.run_as == sql::RunAs::concatenated ||
         statement.run_as == sql::RunAs::unknown;
}

bool is_copy(const sql::Action& action) {
  return action.kind == ActionKind::insert_rows || action.kind == ActionKind::update_rows ||
         action.kind == ActionKind::merge_rows;
}

/// Tables that are read by a query whose rows go into an insert of values: a loop, or `select … into`.
std::vector<ObjectName> loop_sources(const std::vector<const Statement*>& batch, const Statement& insert) {
  std::vector<ObjectName> sources;
  for (const Statement* one : batch) {
    const bool loops = one->heads_loop && one->function == insert.function && one->offset < insert.offset &&
                       insert.row_loops > one->row_loops;
    if (!loops) continue;
    for (ObjectName& source : sources_of(*one)) sources.push_back(std::move(source));
  }
  return sources;
}

std::vector<ObjectName> known_sources(std::vector<ObjectName> sources, const ObjectName& target,
                                      const Context& context) {
  std::erase_if(sources, [&](const ObjectName& source) {
    return source == target || !context.is_there(source) || context.schema.table(source) == nullptr;
  });
  return sources;
}

}  // namespace

std::vector<ObjectName> sources_of(const Statement& statement) {
  std::vector<ObjectName> sources;
  for (const sql::Action& action : statement.actions) {
    for (const ObjectName& other : action.others) {
      if (std::find(sources.begin(), sources.end(), other) == sources.end()) sources.push_back(other);
    }
  }
  return sources;
}

std::optional<Unlocked> unlocked_source(const std::vector<const Statement*>& batch, const Context& context) {
  for (const Statement* statement : batch) {
    if (!statement->parsed || is_built(*statement)) continue;
    for (const sql::Action& action : statement->actions) {
      if (!is_copy(action) || context.schema.is_temporary(action.table)) continue;
      std::vector<ObjectName> sources = action.others;
      if (action.kind == ActionKind::insert_rows && !action.has_rows_from)
        sources = loop_sources(batch, *statement);
      sources = known_sources(std::move(sources), action.table, context);
      // `with rows as (select … from source) insert … select … from rows`: the source stands elsewhere in it.
      if (sources.empty()) sources = known_sources(sources_of(*statement), action.table, context);
      const bool locked = std::any_of(sources.begin(), sources.end(), [&](const ObjectName& source) {
        return std::any_of(batch.begin(), batch.end(),
                           [&](const Statement* one) { return is_built(*one) || locks(*one, source); });
      });
      if (!sources.empty() && !locked) return Unlocked{statement, sources.front()};
    }
  }
  return std::nullopt;
}

const Statement* unrepeatable_insert(const std::vector<const Statement*>& batch, const Context& context) {
  const bool takes_away =
      has_action(batch, ActionKind::delete_rows) || has_action(batch, ActionKind::update_rows);
  if (takes_away) return nullptr;
  for (const Statement* statement : batch) {
    if (!statement->parsed) continue;
    const bool converges = contains_key(*statement->tree, "onConflictClause") ||
                           has_exists(*statement->tree) || contains_key(*statement->tree, "JoinExpr");
    for (const sql::Action& action : statement->actions) {
      if (action.kind == ActionKind::insert_rows && !converges && !context.schema.is_temporary(action.table))
        return statement;
    }
  }
  return nullptr;
}

bool has_action(const std::vector<const Statement*>& batch, ActionKind kind) {
  return std::any_of(batch.begin(), batch.end(), [&](const Statement* statement) {
    return std::any_of(statement->actions.begin(), statement->actions.end(),
                       [&](const sql::Action& action) { return action.kind == kind; });
  });
}

}  // namespace dbtool::lint
