#pragma once

#include <optional>
#include <vector>

#include "lint/rule.h"

namespace dbtool::lint {

/// Tables that a statement reads in its `from`, in any depth, without those that it writes.
std::vector<sql::ObjectName> sources_of(const Statement& statement);

/// An insert (or update of another table) that copies rows which nothing in the batch locks: a concurrent
/// change of the source is lost.
struct Unlocked {
  const Statement* statement = nullptr;
  sql::ObjectName source{};
};
std::optional<Unlocked> unlocked_source(const std::vector<const Statement*>& batch, const Context& context);

/// An insert that a second run of the batch would do again, or fail at; nullptr: none.
const Statement* unrepeatable_insert(const std::vector<const Statement*>& batch, const Context& context);

/// Whether something in the batch writes rows by `kind`.
bool has_action(const std::vector<const Statement*>& batch, sql::ActionKind kind);

}  // namespace dbtool::lint
