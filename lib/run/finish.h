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

}  // namespace dbtool::run
