#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "base/text.h"
#include "environment/probe.h"
#include "environment/probe_rules.h"
#include "environment/probe_sample.h"
#include "run/plan.h"
#include "run/step_sql.h"
#include "window/words.h"

namespace dbtool::environment {

namespace {

constexpr int least_server = 140000;

void refuse_server(pg::Connection& connection) {
  const pg::Result mode = connection.query(
      "select pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean");
  if (mode.boolean(0, 0))
    throw Error(ExitCode::unreachable, "the server is a standby and read-only: nothing can be probed on it",
                "connect to the primary");
  if (mode.boolean(0, 1))
    throw Error(
        ExitCode::unreachable,
        "the database is read-only (default_transaction_read_only is on): nothing can be probed in it");
  if (connection.server_version() < least_server)
    throw Error(
        ExitCode::unreachable,
        fmt::format("the server is PostgreSQL {}: a probe needs 14 or newer, which can read single pages of "
                    "a table",
                    connection.server_version() / 10000));
}

void refuse_state(pg::Connection& connection, const ledger::State& state) {
  if (const auto running = ledger::running(connection))
    throw Error(
        ExitCode::busy,
        fmt::format("another dbtool is at work on this database (backend {}{}): a probe would stand in its "
                    "way",
                    running->backend_pid, running->command.empty() ? "" : ", dbtool " + running->command),
        "wait for it");
  const std::string advice =
      "finish it first: dbtool upgrade; what it left is not what the next version begins with";
  if (state.online)
    throw Error(ExitCode::failed,
                fmt::format("the online part of version {} is not finished: nothing can be probed meanwhile",
                            state.online->version),
                advice);
  if (state.partly)
    throw Error(
        ExitCode::failed,
        fmt::format("version {} is half done: nothing can be probed meanwhile", state.partly->version),
        advice);
}

}  // namespace

void refuse_probe(pg::Connection& connection, const Project& project, const ledger::State& state,
                  int version) {
  refuse_server(connection);
  refuse_state(connection, state);
  if (version < 1 || version > project.newest())
    throw Error(ExitCode::usage, fmt::format("there is no version {}", version),
                fmt::format("versions are 1 to {}", project.newest()));
  if (version <= state.version)
    throw Error(ExitCode::usage,
                fmt::format("version {} is not pending: the database is at {}", version, state.version),
                state.version < project.newest() ? fmt::format("the next is {}", state.version + 1)
                                                 : "none is pending");
  const Version& probed = project.version(version);
  if (!probed.migration_script && !probed.online_migration)
    throw Error(ExitCode::usage, fmt::format("version {} has no script: it takes a moment", version),
                "give the version whose cost is in question: dbtool environment probe VERSION");
  if (!probed.transactional)
    throw Error(ExitCode::failed,
                fmt::format("version {} runs statement by statement outside of transactions (transactional: "
                            "false): nothing of it could be rolled back",
                            version),
                "rehearse it on a copy: dbtool rehearse --on COPY");
}

std::vector<std::string> foresee_probe(pg::Connection& connection, const Version& version,
                                       const ProbeOptions& options) {
  ProbeRules rules(read_probe_catalog(connection));
  const auto tables = read_large_tables(connection, options.rows);
  std::vector<std::string> changed;
  std::vector<std::string> filled;
  std::vector<std::string> sequences;
  const auto add = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  const auto look_at = [&](const sql::BlockPart& part) {
    if (!rules.judge(part).runs) return;
    rules.take_in(part);
    const ProbeWork work = ProbeRules::work_of(part);
    for (const std::string& name : work.changes)
      if (!rules.is_made(name)) add(changed, name);
    for (const std::string& name : work.fills)
      if (!rules.is_made(name)) add(filled, name);
    for (const std::string& name : rules.sequences_of(part)) add(sequences, name);
  };
  if (version.migration_script) {
    const std::string text = run::substitute_prefix(version.migration_script->text, options.user_prefix);
    for (const sql::BlockPart& part : sql::parts_of_block(text).parts) look_at(part);
  }
  if (version.online_migration) look_at(batch_part(*version.online_migration, options.user_prefix));

  std::vector<std::string> effects;
  const std::string rows = window::count_to_text(options.rows);
  for (const std::string& name : changed) {
    const auto large = tables.find(name);
    effects.push_back(
        large == tables.end()
            ? fmt::format(
                  "all rows of {} that it changes are locked for the time of the statement, and as many "
                  "dead ones stay behind",
                  name)
            : fmt::format("about {} rows of {} are changed twice, some hundreds at a time; they are locked "
                          "for the time "
                          "of these statements, and twice as many dead rows stay behind for vacuum",
                          rows, name));
  }
  for (const std::string& name : filled)
    effects.push_back(
        fmt::format("rows are written into {} and rolled back, about {} where they come from a large table: "
                    "dead rows for vacuum; who "
                    "inserts the same keys meanwhile waits",
                    name, rows));
  for (const std::string& name : sequences)
    effects.push_back(fmt::format("sequence {} moves on: numbers that are drawn do not come back", name));
  const pg::Result triggers =
      connection.query("select evtname from pg_event_trigger where evtenabled <> 'D' order by 1");
  for (int row = 0; row < triggers.rows(); ++row)
    effects.push_back(
        fmt::format("event trigger {} fires for what is made and dropped meanwhile", triggers.text(row, 0)));
  return effects;
}

}  // namespace dbtool::environment
