#include <fmt/format.h>

#include "base/text.h"
#include "environment/benchmark.h"
#include "ledger/ledger.h"
#include "pg/quote.h"

namespace dbtool::environment {

namespace {

constexpr const char* without = "dbtool environment save --no-benchmark saves all but the measurements";

void refuse_read_only(pg::Connection& connection) {
  const pg::Result mode = connection.query(
      "select pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean");
  if (mode.boolean(0, 0))
    throw Error(ExitCode::unreachable, "the server is a standby and read-only: no benchmark can be run on it",
                std::string("connect to the primary; or ") + without);
  if (mode.boolean(0, 1))
    throw Error(
        ExitCode::unreachable,
        "the database is read-only (default_transaction_read_only is on): no benchmark can be run on it",
        without);
}

/// A subscriber that does not have a published table stops at its first row.
void refuse_published(pg::Connection& connection) {
  const pg::Result found =
      connection.query("select pubname from pg_publication where puballtables order by 1");
  if (found.rows() == 0) return;
  throw Error(ExitCode::failed,
              fmt::format("publication {} is of all tables: its subscribers would be sent rows of the "
                          "benchmark's tables, which they do not have, and stop",
                          found.text(0, 0)),
              without);
}

/// Who decodes all that is written, may choke on tables that it does not know.
void refuse_decoded(pg::Connection& connection) {
  const pg::Result found = connection.query(
      R"(select slot_name, plugin from pg_replication_slots
          where slot_type = 'logical' and database = current_database() and plugin <> 'pgoutput' order by 1)");
  if (found.rows() == 0) return;
  throw Error(
      ExitCode::failed,
      fmt::format("replication slot {} ({}) decodes all that is written: its reader would get the rows of "
                  "the benchmark's tables",
                  found.text(0, 0), found.text(0, 1)),
      std::string("see that it can bear that, then: --force; ") + without);
}

}  // namespace

// "ci_queue (3 sessions, application queue v34)". Who is no member of pg_monitor sees of others' sessions
// little more than users.
std::vector<std::string> connected_services(pg::Connection& connection, const Project& project) {
  const std::vector<std::string> users = every_service_user(project);
  const pg::Result rows = connection.query(
      R"(select usename, coalesce(application_name, ''), count(*) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and coalesce(backend_type, 'client backend') = 'client backend'
            and (usename = any($1::text[])
                 or $2::boolean and usename <> current_user and coalesce(application_name, '') not like 'dbtool%')
          group by 1, 2 order by 1, 2)",
      {pg::array_literal(users), users.empty() ? "true" : "false"});
  std::vector<std::string> found;
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string application(rows.text(row, 1));
    found.push_back(fmt::format("{} ({} {}{})", rows.text(row, 0), rows.text(row, 2),
                                rows.integer(row, 2) == 1 ? "session" : "sessions",
                                application.empty() ? "" : ", application " + application));
  }
  return found;
}

void refuse_benchmark(pg::Connection& connection, const Project& project, bool forced) {
  refuse_read_only(connection);
  refuse_published(connection);
  if (forced) return;
  refuse_decoded(connection);
  const std::vector<std::string> services = connected_services(connection, project);
  if (!services.empty())
    throw Error(ExitCode::failed,
                "services are connected, which a benchmark would slow down:\n  " + join(services, "\n  "),
                std::string("stop them first, or measure all the same: --force; ") + without);
  if (const auto running = ledger::running(connection))
    throw Error(
        ExitCode::busy,
        fmt::format("another dbtool is at work on this database (backend {}): a benchmark would slow it "
                    "down, and be slowed down",
                    running->backend_pid),
        std::string("wait for it, or measure all the same: --force; ") + without);
}

}  // namespace dbtool::environment
