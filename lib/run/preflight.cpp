#include "run/preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

#include "base/overloaded.h"
#include "base/text.h"
#include "model/release.h"
#include "pg/quote.h"
#include "run/step_sql.h"
#include "sql/parse.h"

namespace dbtool::run {

namespace {

/// What the scripts and methods of a plan touch, as far as their text tells.
struct Touched {
  std::set<std::string> locked;  ///< quoted, possibly qualified names of tables
  std::set<std::string> written;
  std::set<std::string> functions;
};

std::string quoted(const std::string& schema, const std::string& table) {
  return schema.empty() ? pg::quote_identifier(table)
                        : pg::quote_identifier(schema) + "." + pg::quote_identifier(table);
}

void add_transaction(const TransactionStep& step, const std::string& prefix, Touched& touched) {
  if (step.script != nullptr) {
    const std::string block = substitute_prefix(step.script->text, prefix);
    for (const sql::StrongLock& lock : sql::strong_locks_of_block(block))
      touched.locked.insert(quoted(lock.schema, lock.table));
    for (const std::string& table : sql::written_tables_of_block(block)) touched.written.insert(table);
  }
  for (const MethodChange& change : step.methods) touched.functions.insert(change.method->name);
}

void add_statements(const StatementsStep& step, const std::string& prefix, Touched& touched) {
  if (step.script != nullptr) {
    const std::string script = substitute_prefix(step.script->text, prefix);
    for (const sql::StrongLock& lock : sql::strong_locks_of_statements(script))
      touched.locked.insert(quoted(lock.schema, lock.table));
    for (const std::string& table : sql::written_tables_of_statements(script)) touched.written.insert(table);
  }
  add_transaction(step.last, prefix, touched);
}

Touched touched_by(const Plan& plan, const std::string& prefix) {
  Touched touched;
  for (const Step& step : plan.steps) {
    std::visit(Overloaded{[&](const TransactionStep& it) { add_transaction(it, prefix, touched); },
                          [&](const StatementsStep& it) { add_statements(it, prefix, touched); },
                          [](const OnlineStep&) {}},
               step);
  }
  return touched;
}

std::string array_of(const std::set<std::string>& values) {
  return pg::array_literal({values.begin(), values.end()});
}

/// One batch of questions; each answer becomes problems or warnings.
class Questions {
 public:
  Questions(const Project& project, const Plan& plan)
      : project_(project), plan_(plan), settings_(project.settings) {
    touched_ = touched_by(plan, settings_.user_prefix);
    ask_rights();
    ask_users();
    ask_extensions();
    ask_owners();
    ask_obstacles();
    ask_capacity();
  }

  Preflight answer(pg::Connection& connection) {
    std::vector<pg::Statement> statements;
    for (const auto& question : questions_) statements.push_back(question.first);
    const std::vector<pg::Result> results = connection.batch(statements);
    for (std::size_t index = 0; index < questions_.size(); ++index) questions_[index].second(results[index]);
    return std::move(answer_);
  }

 private:
  using Judge = std::function<void(const pg::Result&)>;

  void ask(std::string sql, std::vector<pg::Parameter> parameters, Judge judge) {
    questions_.emplace_back(pg::Statement{std::move(sql), std::move(parameters)}, std::move(judge));
  }
  void problem(std::string text) { answer_.problems.push_back(std::move(text)); }
  void warn(std::string text) { answer_.warnings.push_back(std::move(text)); }

  // Who works: the role of the settings, or the connected user.
  static constexpr const char* worker = "coalesce(nullif($1, ''), current_user)::name";

  void ask_rights() {
    ask(fmt::format(R"(
        with w as (select {} as name, to_regrole(quote_ident(coalesce(nullif($1, ''), current_user))) as role)
        select w.name, w.role is not null,
               case when w.role is not null then pg_has_role(w.role, 'MEMBER') end,
               case when w.role is not null then has_database_privilege(w.role, current_database(), 'CREATE') end,
               case when w.role is not null then has_schema_privilege(w.role, 'public', 'CREATE') end,
               case when w.role is not null and to_regnamespace('dbtool') is not null
                    then has_schema_privilege(w.role, 'dbtool', 'USAGE, CREATE') end,
               case when w.role is not null and to_regclass($2) is not null
                    then has_table_privilege(w.role, to_regclass($2)::oid, 'UPDATE') end,
               case when w.role is not null and to_regclass('dbtool.ledger') is not null
                    then has_table_privilege(w.role, to_regclass('dbtool.ledger')::oid, 'UPDATE') end,
               current_database()
          from w)",
                    worker),
        {settings_.role, pg::quote_qualified(settings_.version_table)},
        [this](const pg::Result& row) { judge_rights(row); });
  }

  void judge_rights(const pg::Result& row) {
    const std::string name(row.text(0, 0));
    if (!row.boolean(0, 1))
      return problem(
          fmt::format("role {} does not exist: create role {};", name, pg::quote_identifier(name)));
    const auto missing = [&](int column) { return !row.is_null(0, column) && !row.boolean(0, column); };
    const std::string role = pg::quote_identifier(name);
    if (missing(2))
      problem(fmt::format(
          "the connected user may not `set role {0}`: grant {0} to the user of the connection;", role));
    if (missing(3) && row.is_null(0, 5)) {
      problem(fmt::format("{} may not create the ledger's schema: grant create on database {} to {};", name,
                          pg::quote_identifier(row.text(0, 8)), role));
    }
    if (missing(4))
      problem(fmt::format("{} may not create in schema public: grant create on schema public to {};", name,
                          role));
    if (missing(5))
      problem(fmt::format("{} may not use schema dbtool: grant usage, create on schema dbtool to {};", name,
                          role));
    if (missing(6))
      problem(fmt::format("{} may not write the version table: grant select, update on {} to {};", name,
                          settings_.version_table, role));
    if (missing(7))
      problem(
          fmt::format("{} may not write the ledger in schema dbtool, made by another role: work as that role "
                      "(role: in dbtool.yml)",
                      name));
  }

  void ask_users() {
    std::set<std::string> users;
    for (const ServiceAccess& access : project_.access) {
      if (!settings_.user_prefix.empty()) users.insert(service_user(settings_.user_prefix, access.service));
    }
    ask("select u from unnest($1::text[]) u where not exists (select from pg_roles where rolname = u)",
        {array_of(users)}, [this](const pg::Result& rows) {
          for (int row = 0; row < rows.rows(); ++row) {
            problem(fmt::format("service user {0} does not exist: create role {1} login;", rows.text(row, 0),
                                pg::quote_identifier(rows.text(row, 0))));
          }
        });
    if (settings_.user_prefix.empty() && uses_prefix()) {
      problem(
          "the versions use $db_user_prefix$, but no prefix is given: --user-prefix, DBTOOL_USER_PREFIX or "
          "userPrefix in dbtool.yml");
    }
  }

  bool uses_prefix() const {
    return std::any_of(plan_.steps.begin(), plan_.steps.end(), [](const Step& step) {
      const Version& version = version_of(step);
      const auto& script =
          direction_of(step) == Direction::upgrade ? version.migration_script : version.downgrade_script;
      return script && script->text.find("$db_user_prefix$") != std::string::npos;
    });
  }

  void ask_extensions() {
    ask(R"(select e, exists (select from pg_available_extensions where name = e),
                  exists (select from pg_available_extension_versions where name = e and trusted)
                    or (select rolsuper from pg_roles where rolname = current_user)
             from unnest($1::text[]) e where not exists (select from pg_extension where extname = e))",
        {pg::array_literal(settings_.extensions)}, [this](const pg::Result& rows) {
          for (int row = 0; row < rows.rows(); ++row) {
            if (!rows.boolean(row, 1)) {
              problem(fmt::format("extension {} is not installed on the server (package postgresql-contrib?)",
                                  rows.text(row, 0)));
            } else if (!rows.boolean(row, 2)) {
              problem(fmt::format("extension {0} can be made by a superuser only: create extension {0};",
                                  rows.text(row, 0)));
            }
          }
        });
  }

  void ask_owners() {
    std::set<std::string> tables = touched_.locked;
    tables.insert(touched_.written.begin(), touched_.written.end());
    ask(fmt::format(R"(
        with w as (select to_regrole(quote_ident({})) as role)
        select c.oid::regclass, pg_get_userbyid(c.relowner), c.relkind in ('r', 'p') and pg_has_role(w.role, c.relowner, 'USAGE'),
               c.relrowsecurity and (c.relforcerowsecurity or not pg_has_role(w.role, c.relowner, 'USAGE'))
                 and not exists (select from pg_roles r where r.oid = w.role and (r.rolsuper or r.rolbypassrls)),
               t = any($3::text[])
          from w, unnest($2::text[]) t join pg_class c on c.oid = to_regclass(t)
         where w.role is not null)",
                    worker),
        {settings_.role, array_of(tables), array_of(touched_.locked)}, [this](const pg::Result& rows) {
          for (int row = 0; row < rows.rows(); ++row) {
            if (!rows.boolean(row, 2) && rows.boolean(row, 4)) {
              problem(
                  fmt::format("table {} is owned by {}, of whom this role is no member: alter table {} owner "
                              "to …, or work as {} (role: in dbtool.yml)",
                              rows.text(row, 0), rows.text(row, 1), rows.text(row, 0), rows.text(row, 1)));
            }
            if (rows.boolean(row, 3)) {
              problem(fmt::format(
                  "table {} is under row security: this role would see and change only some of its rows",
                  rows.text(row, 0)));
            }
          }
        });
    ask(fmt::format(R"(
        select p.oid::regprocedure, pg_get_userbyid(p.proowner)
          from pg_proc p
         where p.pronamespace = 'public'::regnamespace and p.proname = any($2::text[])
           and to_regrole(quote_ident({0})) is not null
           and not pg_has_role(to_regrole(quote_ident({0})), p.proowner, 'USAGE'))",
                    worker),
        {settings_.role, array_of(touched_.functions)}, [this](const pg::Result& rows) {
          for (int row = 0; row < rows.rows(); ++row) {
            problem(fmt::format("function {} is owned by {}, of whom this role is no member",
                                rows.text(row, 0), rows.text(row, 1)));
          }
        });
  }

  // Whoever holds a lock on a table that a step will lock strongly. Steps that lock nothing have no obstacle.
  void ask_obstacles() {
    if (touched_.locked.empty()) return;
    ask(R"(
        select l.relation::regclass, coalesce(a.pid, 0), coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.query, ''),
               coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::integer,
               coalesce(a.query, '') like '%to prevent wraparound%' as wraparound,
               l.pid is null as prepared,
               (select string_agg(p.gid, ', ') from pg_prepared_xacts p where p.database = current_database())
          from unnest($1::text[]) t
          join pg_locks l on l.relation = to_regclass(t) and l.granted
           and l.database = (select oid from pg_database where datname = current_database())
          left join pg_stat_activity a on a.pid = l.pid
         where l.pid is distinct from pg_backend_pid())",
        {array_of(touched_.locked)}, [this](const pg::Result& rows) {
          std::set<std::string> told;
          for (int row = 0; row < rows.rows(); ++row) judge_obstacle(rows, row, told);
        });
    ask("select pg_has_role(current_user, 'pg_monitor', 'USAGE')", {}, [this](const pg::Result& row) {
      if (!row.boolean(0, 0))
        warn(
            "not a member of pg_monitor: queries and applications of other users stay hidden when they block "
            "a lock");
    });
  }

  void judge_obstacle(const pg::Result& rows, int row, std::set<std::string>& told) {
    const std::string table(rows.text(row, 0));
    const std::string pid(rows.text(row, 1));
    if (rows.boolean(row, 7)) {
      if (told.insert("prepared").second) {
        problem(fmt::format(
            "a prepared transaction holds table {}, and would for ever: rollback prepared '…' (one of {})",
            table, rows.text(row, 8)));
      }
      return;
    }
    if (!told.insert(pid).second) return;
    if (rows.boolean(row, 6)) {
      problem(
          fmt::format("autovacuum (pid {}) works on table {} against wraparound and does not give way: wait "
                      "for its end, or vacuum before the window",
                      pid, table));
    } else if (rows.integer(row, 5) >= 60 || rows.text(row, 3) == "pg_dump") {
      warn(fmt::format(
          "pid {} (user {}, application {}) has held table {} for {} s: select pg_terminate_backend({});",
          pid, rows.text(row, 2), rows.text(row, 3), table, rows.integer(row, 5), pid));
    }
  }

  void ask_capacity() {
    ask(R"(select current_setting('max_locks_per_transaction')::bigint
                * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint))",
        {}, [this](const pg::Result& row) {
          const auto wanted = static_cast<std::int64_t>(touched_.locked.size());
          if (wanted > row.integer(0, 0) * 8 / 10) {
            problem(
                fmt::format("the plan locks {} tables, and the server's lock table has room for about {}: "
                            "raise max_locks_per_transaction and restart it",
                            wanted, row.integer(0, 0)));
          }
        });
  }

  const Project& project_;
  const Plan& plan_;
  const Settings& settings_;
  Touched touched_;
  std::vector<std::pair<pg::Statement, Judge>> questions_;
  Preflight answer_;
};

bool satisfies(int major, const std::string& demand) {
  static const std::regex clause(R"((>=|<=|>|<|=)?\s*(\d+))");
  for (std::sregex_iterator match(demand.begin(), demand.end(), clause), end; match != end; ++match) {
    const std::string op = (*match)[1];
    const int wanted = std::stoi((*match)[2]);
    const bool holds = op == ">="   ? major >= wanted
                       : op == "<=" ? major <= wanted
                       : op == ">"  ? major > wanted
                       : op == "<"  ? major < wanted
                                    : major == wanted;
    if (!holds) return false;
  }
  return true;
}

void check_sort_order(pg::Connection& connection, const std::string& demand) {
  std::vector<std::string> wanted;
  for (std::size_t from = 0; from <= demand.size();) {
    const std::size_t to = std::min(demand.find('<', from), demand.size());
    wanted.emplace_back(trim(std::string_view(demand).substr(from, to - from)));
    from = to + 1;
  }
  const pg::Result rows =
      connection.query("select x from unnest($1::text[]) with ordinality as u(x, n) order by x, n",
                       {pg::array_literal(wanted)});
  std::vector<std::string> found;
  for (int row = 0; row < rows.rows(); ++row) found.emplace_back(rows.text(row, 0));
  if (found == wanted) return;
  throw Error(
      ExitCode::unreachable,
      fmt::format("the database's default collation sorts {}, not {} as the project asks for",
                  join(found, " < "), demand),
      "make the database anew with a collation that sorts so (e.g. locale_provider icu, icu_locale 'en-US')");
}

}  // namespace

void check_server(pg::Connection& connection, const Settings& settings) {
  const int major = connection.server_version() / 10000;
  constexpr int oldest = 14;
  if (major < oldest) {
    throw Error(ExitCode::unreachable,
                fmt::format("the server is PostgreSQL {}; dbtool needs {} or newer", major, oldest), "");
  }
  if (!settings.server.empty() && !satisfies(major, settings.server)) {
    throw Error(ExitCode::unreachable,
                fmt::format("the server is PostgreSQL {}; the project asks for {}", major, settings.server),
                "connect to another server, or change `server:` in dbtool.yml");
  }
  const pg::Result mode = connection.query(
      "select pg_is_in_recovery(), current_setting('default_transaction_read_only')::boolean");
  if (mode.boolean(0, 0)) {
    throw Error(
        ExitCode::unreachable, "the server is a standby and read-only",
        "connect to the primary (several hosts and target_session_attrs=read-write in the URL find it)");
  }
  if (mode.boolean(0, 1)) {
    throw Error(ExitCode::unreachable, "the database is read-only (default_transaction_read_only is on)",
                "alter database … reset default_transaction_read_only, or use a role for which it is off");
  }
  if (!settings.sort_order.empty()) check_sort_order(connection, settings.sort_order);
}

Preflight preflight(pg::Connection& connection, const Project& project, const Plan& plan) {
  return Questions(project, plan).answer(connection);
}

std::vector<std::string> connected_services_that_need_more(pg::Connection& connection, const Project& project,
                                                           int goal) {
  std::vector<std::string> found;
  if (project.settings.user_prefix.empty() || project.releases.empty()) return found;
  std::set<std::string> users;
  for (const ServiceAccess& access : project.access)
    users.insert(service_user(project.settings.user_prefix, access.service));
  const pg::Result rows = connection.query(
      R"(select usename, coalesce(application_name, ''), count(*) from pg_stat_activity
          where datname = current_database() and usename = any($1::text[]) group by 1, 2 order by 1, 2)",
      {array_of(users)});
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string application(rows.text(row, 1));
    for (const Release& release : project.releases) {
      const std::string name = release.name.starts_with("v") ? release.name.substr(1) : release.name;
      if (release.version <= goal || application.find(name) == std::string::npos) continue;
      found.push_back(fmt::format("{} ({} sessions, application {}): release {} needs version {}",
                                  rows.text(row, 0), rows.text(row, 2), application, release.name,
                                  release.version));
      break;
    }
  }
  return found;
}

}  // namespace dbtool::run
