#pragma once

#include <optional>

#include "docs/reference.h"
#include "lint/schema.h"
#include "sql/action.h"

namespace dbtool::docs {

/// What an action does, in words, in the state before it; nullopt for those that change nothing that a reader
/// of the schema would look for (grants, locks, queries, functions of scripts, temporary tables).
std::optional<Change> describe(const sql::Action& action, const lint::Schema& before);

/// Whether it changes the definition of `action.table`, its indexes aside.
bool alters_table(sql::ActionKind kind);

/// "default now()", "generated always as (a + b) stored", "identity"; "" for none.
std::string value_of(const sql::Column& column);

}  // namespace dbtool::docs
