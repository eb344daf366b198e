#pragma once

#include <string>
#include <vector>

#include "ledger/work.h"
#include "model/project.h"
#include "run/plan.h"

namespace dbtool::run {

/// Makes the extensions of the settings that are missing, before the first script.
void create_extensions(ledger::Work& work, const Settings& settings);

/// After an upgrade: every service user may use schema public and the version table's, and read the version.
void grant_access(ledger::Work& work, const Project& project);

/// `analyze` of the tables that the plan's steps filled and that still exist.
void analyze(ledger::Work& work, const Settings& settings, const Plan& plan);

/// The statements of the three, one source for the run and for what a plan prints.
pg::Statement create_extension_statement(std::string_view extension);
/// What a service's user lacks to read the version table.
struct MissingAccess {
  bool public_usage = false;
  bool schema_usage = false;  ///< of the version table's schema
  bool select = false;        ///< on the version table
};
/// `version_table` is quoted and qualified.
std::vector<pg::Statement> grant_statements(std::string_view user, const MissingAccess& missing,
                                            std::string_view schema, const std::string& version_table);
pg::Statement analyze_statement(const std::string& table);

}  // namespace dbtool::run
