#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "test/database/cli/dbtool.h"

namespace dbtool::test {

/// A database at version 1 with 40,000 items of seven kinds, and a second version that is pending.
struct ProbedProject {
  ProjectFiles files;
  Database database;

  /// `script`: the statements of the second version's block; `rest`: further keys of it.
  explicit ProbedProject(const std::string& script, const std::string& rest = "");
  /// Writes the second version anew.
  void write(const std::string& script, const std::string& rest = "") const;

  /// The words of a command on the database, as its owner.
  std::vector<std::string> words(const std::vector<std::string>& more) const;
  ProcessOutcome dbtool(const std::vector<std::string>& more) const { return run_dbtool(words(more)); }
  /// What `dbtool environment probe` prints.
  nlohmann::json probe(const std::vector<std::string>& more = {}) const;

  /// Every row and every object but those of the ledger.
  std::string picture() const;
};

/// Of a probe's output.
const nlohmann::json& statement(const nlohmann::json& probe, const std::string& beginning);

bool is_probing(const Database& database);
/// Whether a probe is within `slow_function`.
bool sleeps_in_probe(const Database& database);
/// Fails the test when the condition does not come true.
void await(const std::function<bool()>& condition);

inline constexpr const char* slow_function =
    "create function slow(text) returns text language plpgsql as 'begin perform pg_sleep(1); return $1; end'";

}  // namespace dbtool::test
