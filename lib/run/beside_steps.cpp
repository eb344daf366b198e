#include "run/beside_steps.h"

#include <set>

#include "base/text.h"
#include "ledger/write.h"
#include "pg/quote.h"
#include "run/finish.h"
#include "run/question.h"
#include "run/step_sql.h"

namespace dbtool::run {

namespace {

/// Writes what stands beside the steps of one plan.
class BesidePrinter {
 public:
  BesidePrinter(const Plan& plan, const Project& project, const ledger::State& state,
                pg::Connection* connection, int server_version)
      : plan_(plan),
        project_(project),
        settings_(project.settings),
        state_(state),
        connection_(connection),
        server_version_(server_version),
        session_(ledger::Session::from(project.settings)) {}

  std::string before() {
    std::string text = transaction("the ledger", ledger_statements());
    text += "-- the run is recorded: a row of dbtool.runs, whose number is dbtool.ledger.current_run\n\n";
    if (plan_.direction == Direction::upgrade) text += transaction("extensions", extension_statements());
    return text;
  }

  std::string after() {
    std::string text;
    if (plan_.direction == Direction::upgrade)
      text += transaction("services may read the version", access_statements());
    text += statistics();
    return text + "-- the run is recorded as done in dbtool.runs\n";
  }

 private:
  std::string transaction(const std::string& what, const std::vector<pg::Statement>& statements) const {
    if (statements.empty()) return {};
    return "-- " + what + (connection_ == nullptr ? ", as far as it is missing" : "") + "\n" +
           to_sql(statements, session_, server_version_);
  }

  std::vector<pg::Statement> ledger_statements() const {
    bool schema_is_there = plan_.from > 0;
    int format = plan_.from > 0 ? ledger::format : 0;
    if (connection_ != nullptr) {
      schema_is_there = connection_->query("select to_regnamespace('dbtool') is not null").boolean(0, 0);
      format = state_.ledger_format;
    }
    if (format >= ledger::format) return {};
    std::vector<pg::Statement> statements;
    for (const std::string& script : ledger::creation_scripts(schema_is_there, format)) {
      std::string_view text = trim(script);
      if (!text.empty() && text.back() == ';') text.remove_suffix(1);
      statements.push_back({std::string(text), {}});
    }
    return statements;
  }

  std::vector<pg::Statement> extension_statements() const {
    std::vector<pg::Statement> statements;
    for (const std::string& extension : settings_.extensions) {
      if (connection_ != nullptr &&
          connection_->query("select exists (select from pg_extension where extname = $1)", {extension})
              .boolean(0, 0))
        continue;
      statements.push_back(create_extension_statement(extension));
    }
    return statements;
  }

  MissingAccess missing_access(const std::string& user, const std::string& schema) const {
    if (connection_ == nullptr) return {true, true, true};
    const pg::Result found = connection_->query(
        R"(select not has_schema_privilege($1, 'public', 'USAGE'),
                  coalesce(not has_schema_privilege($1, to_regnamespace(quote_ident($2))::oid, 'USAGE'), true),
                  coalesce(not has_table_privilege($1, to_regclass($3)::oid, 'SELECT'), true)
            where exists (select from pg_roles where rolname = $1))",
        {user, schema, session_.version_table});
    if (found.rows() == 0) return {};
    return {found.boolean(0, 0), found.boolean(0, 1), found.boolean(0, 2)};
  }

  std::vector<pg::Statement> access_statements() const {
    const std::string schema = pg::split_qualified(settings_.version_table).first;
    std::vector<pg::Statement> all;
    for (const std::string& user : service_users(project_)) {
      for (pg::Statement& statement :
           grant_statements(user, missing_access(user, schema), schema, session_.version_table))
        all.push_back(std::move(statement));
    }
    return all;
  }

  std::string statistics() const {
    std::string text;
    for (const std::string& table : touched_by(plan_).written)
      text += to_sql({analyze_statement(table)}, session_, server_version_, settings_.lock_timeout);
    if (!text.empty())
      text = "-- statistics of tables that scripts fill, of those that are there then\n" + text;
    for (const Step& step : plan_.steps) {
      if (!std::holds_alternative<OnlineStep>(step)) continue;
      return text +
             "-- analyze, too, of other tables whose rows have changed much since they were analyzed\n\n";
    }
    return text;
  }

  const Plan& plan_;
  const Project& project_;
  const Settings& settings_;
  const ledger::State& state_;
  pg::Connection* connection_;
  int server_version_;
  ledger::Session session_;
};

}  // namespace

BesideSteps sql_beside_steps(const Plan& plan, const Project& project, const ledger::State& state,
                             pg::Connection* connection, int server_version) {
  if (plan.steps.empty()) return {};
  BesidePrinter printer(plan, project, state, connection, server_version);
  return {printer.before(), printer.after()};
}

}  // namespace dbtool::run
