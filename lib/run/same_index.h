#pragma once

#include <string>

#include "ledger/session.h"
#include "pg/connection.h"

namespace dbtool::run {

/// Whether an index is what a statement makes.
enum class SameIndex {
  yes,
  no,
  unknown,  ///< the server could not be asked: a right is missing, or the statement fails for another reason
};

/// Compares the index `index` of the table `schema`.`table` with what `create_index` would make of it: the
/// server makes that of an empty table with the same columns, in a transaction that is rolled back.
/// `index` is quoted and qualified, `schema` and `table` are bare names.
SameIndex is_same_index(pg::Connection& connection, const ledger::Session& session,
                        const std::string& create_index, const std::string& index, const std::string& schema,
                        const std::string& table);

}  // namespace dbtool::run
