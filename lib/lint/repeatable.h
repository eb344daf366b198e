#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "lint/schema.h"

namespace dbtool::lint {

/// Why a second run of a statement does not end where the first one did.
struct Unrepeatable {
  enum class Cause {
    inserts_again,    ///< an insert that neither looks for its rows nor takes them from somewhere
    never_conflicts,  ///< `on conflict` on a table without a unique index
    adds_again        ///< a column is made from its own value: `n = n + 1`
  };
  Cause cause{};
  sql::ObjectName target{};
  std::size_t offset = 0;  ///< of the target's name in the text that was parsed
  std::string column{};    ///< of adds_again
};

/// What a statement ({KIND: {…}}) that moves rows of `walked` would do again; nullopt: nothing that is known.
std::optional<Unrepeatable> unrepeatable(const nlohmann::json& statement, const sql::ObjectName& walked,
                                         const Schema& schema);

/// The statement with `clause` at the end of the insert into the table that is named at `offset`.
std::string with_conflict_clause(std::string_view text, std::size_t offset, std::string_view clause);

}  // namespace dbtool::lint
