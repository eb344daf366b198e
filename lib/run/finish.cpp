#include "run/finish.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pg/quote.h"
#include "pg/transaction.h"
#include "run/question.h"

namespace dbtool::run {

namespace {

/// Runs statements in a transaction of the run's own; nothing at all when there are none.
void commit_statements(ledger::Work& work, const std::vector<pg::Statement>& statements,
                       std::chrono::milliseconds lock_timeout = {}) {
  if (statements.empty()) return;
  pg::Transaction transaction(work.connection, "isolation level read committed",
                              work.session.setup(work.connection.server_version(), lock_timeout));
  work.connection.batch(statements);
  transaction.commit();
}

/// The services do with old statistics for a while: what keeps a table from being analyzed is not waited for.
void analyze_table(ledger::Work& work, const std::string& table, std::chrono::milliseconds lock_timeout) {
  work.connection.on_wait([&] { work.interrupts.stop_if_requested(); });
  try {
    commit_statements(work, {analyze_statement(table)}, lock_timeout);
  } catch (const pg::PgError& error) {
    work.connection.on_wait({});
    if (!error.is_repeatable()) throw;
    work.observer(Message{
        Message::Level::warning,
        fmt::format("{} was not analyzed, for somebody holds it: run analyze {} later", table, table)});
  } catch (...) {
    work.connection.on_wait({});
    throw;
  }
  work.connection.on_wait({});
}

}  // namespace

pg::Statement create_extension_statement(std::string_view extension) {
  return {fmt::format("create extension if not exists {} schema public", pg::quote_identifier(extension)),
          {}};
}

std::vector<pg::Statement> grant_statements(std::string_view user, const MissingAccess& missing,
                                            std::string_view schema, const std::string& version_table) {
  const std::string name = pg::quote_identifier(user);
  std::vector<pg::Statement> statements;
  if (missing.public_usage) statements.push_back({"grant usage on schema public to " + name, {}});
  if (missing.schema_usage) {
    statements.push_back(
        {fmt::format("grant usage on schema {} to {}", pg::quote_identifier(schema), name), {}});
  }
  if (missing.select)
    statements.push_back({fmt::format("grant select on {} to {}", version_table, name), {}});
  return statements;
}

pg::Statement analyze_statement(const std::string& table) {
  return {"analyze " + table, {}};
}

void create_extensions(ledger::Work& work, const Settings& settings) {
  if (settings.extensions.empty()) return;
  const pg::Result missing = work.connection.ask(
      "select e from unnest($1::text[]) e where not exists (select from pg_extension where extname = e)",
      {pg::array_literal(settings.extensions)});
  std::vector<pg::Statement> statements;
  for (int row = 0; row < missing.rows(); ++row)
    statements.push_back(create_extension_statement(missing.text(row, 0)));
  commit_statements(work, statements);
}

void grant_access(ledger::Work& work, const Project& project) {
  const std::vector<std::string> users = service_users(project);
  if (users.empty()) return;
  const std::string schema = pg::split_qualified(project.settings.version_table).first;
  // Only what is missing is granted: schema public may belong to somebody else, and be open to all.
  const pg::Result missing = work.connection.ask(
      R"(select u, has_schema_privilege(u, 'public', 'USAGE'), has_schema_privilege(u, $2, 'USAGE'),
                has_table_privilege(u, to_regclass($3)::oid, 'SELECT')
           from unnest($1::text[]) u
          where exists (select from pg_roles where rolname = u) and to_regclass($3) is not null)",
      {pg::array_literal(users), schema, work.session.version_table});
  std::vector<pg::Statement> statements;
  for (int row = 0; row < missing.rows(); ++row) {
    const MissingAccess lacks{!missing.boolean(row, 1), !missing.boolean(row, 2), !missing.boolean(row, 3)};
    for (pg::Statement& statement :
         grant_statements(missing.text(row, 0), lacks, schema, work.session.version_table))
      statements.push_back(std::move(statement));
  }
  commit_statements(work, statements);
}

void analyze(ledger::Work& work, const Settings& settings, const Plan& plan) {
  const std::set<std::string> tables = touched_by(plan).written;
  const bool online = std::any_of(plan.steps.begin(), plan.steps.end(),
                                  [](const Step& step) { return std::holds_alternative<OnlineStep>(step); });
  // What the batches of an online migration filled stands in no script: tables that have rows, or no longer
  // have them, and no statistics that say so.
  const pg::Result rows = work.connection.ask(
      R"(select distinct format('%I.%I', n.nspname, c.relname)
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
           left join pg_stat_all_tables s on s.relid = c.oid
          where c.relkind in ('r', 'p', 'm') and n.nspname = 'public'
            and pg_has_role(coalesce(nullif($3, ''), current_user)::name, c.relowner, 'USAGE')
            and (c.oid in (select to_regclass(t) from unnest($1::text[]) t)
                 or $2::boolean and (s.n_mod_since_analyze > 1000 or c.reltuples < 0 and pg_relation_size(c.oid) > 0)))",
      {pg::array_literal({tables.begin(), tables.end()}), online ? "true" : "false", settings.role});
  if (rows.rows() == 0) return;
  work.observer(Message{Message::Level::note,
                        fmt::format("analyze of {} table{}", rows.rows(), rows.rows() == 1 ? "" : "s")});
  for (int row = 0; row < rows.rows(); ++row) {
    work.interrupts.stop_if_requested();
    analyze_table(work, std::string(rows.text(row, 0)), settings.lock_timeout);
  }
}

}  // namespace dbtool::run
