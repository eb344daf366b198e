#pragma once

#include <string>

#include "ledger/ledger.h"
#include "model/project.h"
#include "pg/connection.h"
#include "run/plan.h"

namespace dbtool::run {

/// What a run sends beside the steps of its plan, as text to read: SQL with comments.
struct BesideSteps {
  std::string before;  ///< the ledger, extensions
  std::string after;   ///< the services' access, statistics
};

/// `connection`: of the database at `state`, which is asked for what it lacks; nullptr: a database that
/// stands at plan.from by dbtool's own work and lacks all else. Nothing for a plan without steps.
BesideSteps sql_beside_steps(const Plan& plan, const Project& project, const ledger::State& state,
                             pg::Connection* connection, int server_version);

}  // namespace dbtool::run
