#pragma once

#include "ledger/ledger.h"
#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::run {

/// Puts the ledger's copies of versions in place of files that are missing or changed, so that the way back
/// is open. Returns the numbers of the versions that were taken from the ledger.
std::vector<int> complete_from_ledger(pg::Connection& connection, const ledger::State& state,
                                      Project& project);

/// Applied versions whose files are not what was applied.
std::vector<int> changed_versions(const ledger::State& state, const Project& project);

/// Refuses a database whose ledger bears another name than the project's settings.
void check_name(const ledger::State& state, const Settings& settings);

/// Throws Error when the ledger knows of versions, but the version table of the settings is not there: it is
/// probably another one that is meant, and to go on would be to begin from 0.
void check_version_table(const ledger::State& state, const Settings& settings);

}  // namespace dbtool::run
