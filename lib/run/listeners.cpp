#include "run/listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/text.h"
#include "pg/quote.h"
#include "run/step_sql.h"
#include "sql/command.h"

namespace dbtool::run {

namespace {

std::vector<sql::Command> commands_of(const TransactionStep& step, const std::string& prefix) {
  std::vector<sql::Command> commands;
  if (step.script != nullptr) commands = sql::commands_of_block(substitute_prefix(step.script->text, prefix));
  for (const MethodChange& change : step.methods) {
    sql::Command command;
    command.drops = change.kind == MethodChange::Kind::drop;
    command.tag = command.drops ? "DROP FUNCTION" : "CREATE FUNCTION";
    commands.push_back(std::move(command));
  }
  return commands;
}

std::vector<sql::Command> commands_of(const StatementsStep& step, const std::string& prefix) {
  std::vector<sql::Command> commands;
  if (step.script != nullptr)
    commands = sql::commands_of_statements(substitute_prefix(step.script->text, prefix));
  std::vector<sql::Command> last = commands_of(step.last, prefix);
  std::move(last.begin(), last.end(), std::back_inserter(commands));
  return commands;
}

std::vector<sql::Command> commands_of(const OnlineStep&, const std::string&) {
  sql::Command batches;
  batches.writes_rows = true;
  return {batches};
}

/// Tables of all steps, as parameters of a query.
struct Tables {
  std::vector<std::string> steps{}, names{}, schemas{};

  void add(std::size_t step, const sql::ObjectName& table) {
    const std::string schema = table.schema.empty() ? "public" : table.schema;
    steps.push_back(std::to_string(step));
    names.push_back(pg::quote_identifier(schema) + "." + pg::quote_identifier(table.name));
    schemas.push_back(pg::quote_identifier(schema));
  }
};

/// What the steps of a plan do, by step.
struct StepCommands {
  std::vector<std::vector<sql::Command>> commands{};
  Tables touched{}, created{};

  StepCommands(const Plan& plan, const std::string& prefix) {
    for (const Step& step : plan.steps) {
      commands.push_back(std::visit([&](const auto& any) { return commands_of(any, prefix); }, step));
      for (const sql::Command& command : commands.back()) {
        for (const sql::ObjectName& table : command.tables) touched.add(commands.size() - 1, table);
        for (const sql::ObjectName& table : command.created) created.add(commands.size() - 1, table);
      }
    }
  }

  bool is_heard() const {
    return std::any_of(commands.begin(), commands.end(),
                       [](const auto& of_step) { return !of_step.empty(); });
  }
};

// -- publications -------------------------------------------------------------------------------------------

// A table and its partitions are published by either's name.
pg::Statement published(const Tables& touched) {
  return {R"(
        with published as materialized (
          select pubname, to_regclass(format('%I.%I', schemaname, tablename)) as oid from pg_publication_tables
        ), touched as (
          select distinct t.step, r.oid as named, f.oid
            from unnest($1::integer[], $2::text[]) t (step, name),
                 to_regclass(t.name) r (oid),
                 lateral (select r.oid union
                          select relid from pg_partition_tree(r.oid) union
                          select relid from pg_partition_ancestors(r.oid)) f (oid)
           where r.oid is not null
        )
        select distinct t.step, quote_ident(p.pubname) as publication, t.named::text as name
          from touched t join published p using (oid)
         order by step, publication, name)",
          {pg::array_literal(touched.steps), pg::array_literal(touched.names)}};
}

// A publication for all tables, or all of a schema, gets a new table by itself.
pg::Statement published_by_itself(const Tables& created, int server_version) {
  const std::string of_schema = server_version < 150000 ? "" : R"(
           or exists (select from pg_publication_namespace n
                       where n.pnpubid = p.oid and n.pnnspid = to_regnamespace(t.schema)))";
  return {R"(
        select distinct t.step, quote_ident(p.pubname) as publication, t.name
          from unnest($1::integer[], $2::text[], $3::text[]) t (step, name, schema)
          join pg_publication p on p.puballtables)" +
              of_schema + R"(
         where to_regclass(t.name) is null
         order by step, publication, name)",
          {pg::array_literal(created.steps), pg::array_literal(created.names),
           pg::array_literal(created.schemas)}};
}

/// Rows (step, publication, table), one listener a step and publication.
void add_publications(const pg::Result& rows, const std::string& message, std::vector<Listener>& found) {
  for (int row = 0; row < rows.rows(); ++row) {
    const auto step = static_cast<std::size_t>(rows.integer(row, 0));
    const std::string name(rows.text(row, 1));
    if (found.empty() || found.back().step != step || found.back().name != name ||
        found.back().message != message)
      found.push_back({Listener::Kind::publication, step, name, {}, "", message});
    found.back().hears.emplace_back(rows.text(row, 2));
  }
}

// -- slots --------------------------------------------------------------------------------------------------

constexpr const char* logical_slots = R"(
        select slot_name, active,
               pg_size_pretty(pg_wal_lsn_diff(
                 case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
                 confirmed_flush_lsn))
          from pg_replication_slots
         where database = current_database() and slot_type = 'logical'
         order by slot_name)";

bool fills_log(const std::vector<sql::Command>& commands) {
  return std::any_of(commands.begin(), commands.end(), [](const sql::Command& command) {
    return command.writes_rows || command.rewrites || !command.tables.empty();
  });
}

void add_slots(const pg::Result& rows, const StepCommands& steps, std::vector<Listener>& found) {
  for (std::size_t step = 0; step < steps.commands.size(); ++step) {
    if (!fills_log(steps.commands[step])) continue;
    for (int row = 0; row < rows.rows(); ++row) {
      const std::string name(rows.text(row, 0));
      const bool active = rows.boolean(row, 1);
      const std::string behind = rows.is_null(row, 2) ? "" : fmt::format(", {} behind", rows.text(row, 2));
      found.push_back({Listener::Kind::slot,
                       step,
                       name,
                       {},
                       (active ? "active" : "inactive") + behind,
                       active
                           ? "reads all that the step writes; the server keeps the WAL until then"
                           : fmt::format("nobody reads it, and the server keeps all WAL: start its consumer, "
                                         "or select pg_drop_replication_slot({});",
                                         pg::quote_literal(name))});
    }
  }
}

// -- event triggers -----------------------------------------------------------------------------------------

constexpr const char* firing_triggers = R"(
        select quote_ident(evtname), evtevent, coalesce(array_to_string(evttags, ','), ''), evtfoid::regproc
          from pg_event_trigger
         where evtenabled = any (case current_setting('session_replication_role')
                                   when 'replica' then array['R', 'A'] else array['O', 'A'] end::"char"[])
         order by evtname)";

/// Whether anybody listens at all; most databases have nobody.
bool has_listeners(pg::Connection& connection) {
  return connection
      .ask(R"(
        select exists (select from pg_publication) or exists (select from pg_event_trigger)
            or exists (select from pg_replication_slots
                        where database = current_database() and slot_type = 'logical'))")
      .boolean(0, 0);
}

/// `tags`: ",ALTER TABLE,CREATE TABLE,"; of all commands: ",,".
bool fires(std::string_view event, const std::string& tags, const sql::Command& command) {
  if (command.tag.empty()) return false;
  if (event == "sql_drop" && !command.drops) return false;
  if (event == "table_rewrite" && !command.rewrites) return false;
  const bool known = event == "sql_drop" || event == "table_rewrite" || event == "ddl_command_start" ||
                     event == "ddl_command_end";
  return known && (tags == ",," || tags.find("," + command.tag + ",") != std::string::npos);
}

void add_triggers(const pg::Result& rows, const StepCommands& steps, std::vector<Listener>& found) {
  for (std::size_t step = 0; step < steps.commands.size(); ++step) {
    for (int row = 0; row < rows.rows(); ++row) {
      const std::string event(rows.text(row, 1));
      const std::string tags = fmt::format(",{},", rows.text(row, 2));
      Listener listener{Listener::Kind::event_trigger,
                        step,
                        std::string(rows.text(row, 0)),
                        {},
                        fmt::format("{}, function {}", event, rows.text(row, 3)),
                        event == "table_rewrite"
                            ? "fires where a table is written anew; what it raises fails the step"
                            : "fires; what it raises fails the step"};
      for (const sql::Command& command : steps.commands[step]) {
        const bool told =
            std::find(listener.hears.begin(), listener.hears.end(), command.tag) != listener.hears.end();
        if (!told && fires(event, tags, command)) listener.hears.push_back(command.tag);
      }
      if (!listener.hears.empty()) found.push_back(std::move(listener));
    }
  }
}

}  // namespace

std::string to_text(Listener::Kind kind) {
  switch (kind) {
    case Listener::Kind::publication:
      return "publication";
    case Listener::Kind::slot:
      return "replication slot";
    case Listener::Kind::event_trigger:
      break;
  }
  return "event trigger";
}

std::string to_text(const Listener& listener) {
  std::string text = to_text(listener.kind) + " " + listener.name;
  if (!listener.state.empty()) text += " (" + listener.state + ")";
  if (!listener.hears.empty()) text += ": " + join(listener.hears, ", ");
  return text;
}

std::vector<std::string> warnings_of(const std::vector<Listener>& listeners, const Plan& plan) {
  std::vector<std::string> warnings;
  std::set<std::string> slots;
  for (const Listener& listener : listeners) {
    const bool slot = listener.kind == Listener::Kind::slot;
    const bool unread = slot && listener.state.starts_with("inactive") && slots.insert(listener.name).second;
    if (!unread && listener.kind != Listener::Kind::publication) continue;
    warnings.push_back(fmt::format("version {}: {}: {}", version_of(plan.steps[listener.step]).number,
                                   to_text(listener), listener.message));
  }
  return warnings;
}

std::vector<Listener> listeners_of(pg::Connection& connection, const Plan& plan, const Settings& settings) {
  // To parse every script for its commands costs more than all else before a run: 0.2 ms a small version.
  if (!has_listeners(connection)) return {};
  const StepCommands steps(plan, settings.user_prefix);
  if (!steps.is_heard()) return {};
  const std::vector<pg::Result> answers =
      connection.batch({published(steps.touched),
                        published_by_itself(steps.created, connection.server_version()),
                        {logical_slots, {}},
                        {firing_triggers, {}}});
  std::vector<Listener> found;
  add_publications(answers[0],
                   "subscribers get its rows and none of these changes: bring theirs to the same form, and "
                   "hold the subscription meanwhile",
                   found);
  add_publications(answers[1],
                   "publishes the new table by itself: subscribers fail at its first row until they have it",
                   found);
  add_slots(answers[2], steps, found);
  add_triggers(answers[3], steps, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const Listener& a, const Listener& b) { return a.step < b.step; });
  return found;
}

}  // namespace dbtool::run
