#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/session.h"

namespace dbtool::ledger {

/// Makes the ledger where it is missing, and brings an older one to this program's format, in a transaction
/// of its own; to be called under the run lock.
void create(pg::Connection& connection, const Session& session);

/// The scripts by which create() does that, in their order. `format_there`: of the ledger, 0: there is none.
std::vector<std::string> creation_scripts(bool schema_is_there, int format_there);

/// Who starts a run.
struct RunStart {
  std::string command;
  int from = 0;
  int goal = 0;
  std::string os_user, host;
  int pid = 0;
  int backend_pid = 0;
  std::string name;  ///< environment's name to record; empty: leave what is there
};

/// Records a new run and makes it the current one, in one transaction: what an earlier dbtool left as running
/// becomes "lost", a version row that another tool moved becomes the recorded one, and the versions of a
/// database without records are adopted from `project`. Returns the run's number.
std::int64_t begin_run(pg::Connection& connection, const Session& session, const RunStart& start,
                       const State& state, const Project& project);

/// The step that a run was in when it failed or was stopped.
struct FailedStep {
  int version = 0;
  Direction direction{};
};

/// Records the end of a run, and with it the step that did not end well: as begun when the one before it was
/// done.
void finish_run(pg::Connection& connection, const Session& session, std::int64_t run,
                const std::string& outcome, const std::string& message,
                const std::optional<FailedStep>& failed = std::nullopt);

/// What a step leaves in the ledger, in the transaction of its work.
struct StepEnd {
  std::int64_t run = 0;
  Direction direction{};
  int version = 0;               ///< being reached or left
  int leaves = 0;                ///< what the version row says afterwards
  bool finishes_online = false;  ///< only the end of an online migration: the version row stays as it is
};

/// What writes the version row and the ledger at the end of a step. `version` is the file that was
/// run; its content is recorded by an upgrade.
std::vector<pg::Statement> step_end_statements(const Session& session, const StepEnd& end,
                                               const Version& version);

/// Notes where the write-ahead log stands when a step begins, for step_end_statements in the same
/// transaction.
pg::Statement note_wal_position();

/// Notes that an online migration (or downgrade) has begun: a declared one, or one by functions if the script
/// has made them.
std::vector<pg::Statement> online_begin_statements(Direction direction, int version, bool declared);
/// Forgets the online migration (or downgrade) of a version and drops its functions.
std::vector<pg::Statement> online_end_statements(Direction direction, int version);

/// The name of the function that moves a batch, or says that all is moved ("batch", "is_complete").
std::string online_function(Direction direction, int version, const char* which);

/// Position in a version that runs statement by statement. `started` is the one being run outside a
/// transaction; `turned`: the other direction had been begun.
std::vector<pg::Statement> position_statements(const Version& version, Direction direction, int position,
                                               int started, bool turned);
pg::Statement position_end_statement(int version);

/// Records that the files of an applied version have changed and that this was accepted.
void accept_changed(pg::Connection& connection, const Session& session, const Version& version);

/// Statements that make the version table, saying 0.
std::vector<pg::Statement> create_version_table(const Session& session);

}  // namespace dbtool::ledger
