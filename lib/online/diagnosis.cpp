#include "online/diagnosis.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/duration.h"
#include "pg/quote.h"

namespace dbtool::online {

namespace {

using nlohmann::json;

// A backend of the server without a user is a worker of it; what it does is hidden without pg_monitor.
constexpr const char* blockers_query = R"(
select distinct on (b.pid) b.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
       left(regexp_replace(coalesce(a.query, ''), '\s+', ' ', 'g'), 200),
       coalesce(extract(epoch from clock_timestamp() - coalesce(a.state_change, a.query_start)) * 1000, 0)::bigint,
       coalesce(a.backend_type = 'autovacuum worker', a.pid is not null and a.usesysid is null)
  from unnest($1::int[]) as w(pid) cross join lateral unnest(pg_blocking_pids(w.pid)) as b(pid)
  left join pg_stat_activity a on a.pid = b.pid)";

constexpr const char* waits_query = R"(
select wait_event_type || ': ' || wait_event from pg_stat_activity
 where pid = any ($1::int[]) and state = 'active' and wait_event is not null
 group by 1 order by count(*) desc, 1)";

// A partitioned table's rows are in its partitions; its own statistics would count them again.
constexpr const char* tables_query = R"(
with named as (
  select distinct to_regclass(name)::text as name, to_regclass(name)::oid as oid from unnest($1::text[]) as n(name)
   where to_regclass(name) is not null),
parts as (
  select name, oid from named
  union select named.name, p.relid from named cross join lateral pg_partition_tree(named.oid) as p
  union select named.name, c.reltoastrelid from named join pg_class c using (oid) where c.reltoastrelid <> 0)
select p.name, coalesce(sum(s.n_live_tup), 0)::bigint, coalesce(sum(s.n_dead_tup), 0)::bigint,
       coalesce(sum(s.seq_tup_read), 0)::bigint,
       coalesce(max(greatest(s.last_analyze, s.last_autoanalyze))::timestamptz(0)::text, ''),
       coalesce(max(v.text), '')
  from parts p
  join pg_class k on k.oid = p.oid and k.relkind <> 'p'
  left join pg_stat_all_tables s on s.relid = p.oid and s.schemaname <> 'pg_toast'
  left join lateral (
    select format('%s, pid %s%s', case when a.usesysid is null then 'autovacuum' else 'vacuum' end, l.pid,
                  ', ' || g.phase) as text
      from pg_locks l join pg_stat_get_activity(null) a on a.pid = l.pid
      join pg_stat_progress_vacuum g on g.pid = l.pid
     where l.locktype = 'relation' and l.relation = p.oid and l.granted and l.mode = 'ShareUpdateExclusiveLock'
       and l.database = (select oid from pg_database where datname = current_database()) limit 1) v on true
 group by p.name order by p.name)";

std::string text_of(const json& node, const char* key) {
  const auto found = node.find(key);
  return found == node.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

void add_nodes(const json& node, int depth, BatchFacts& facts, std::set<std::string>& tables) {
  PlanNode found{depth, text_of(node, "Node Type"), 0};
  if (const std::string operation = text_of(node, "Operation"); !operation.empty()) found.text = operation;
  if (const std::string join = text_of(node, "Join Type"); !join.empty()) found.text += " " + join;
  if (const std::string index = text_of(node, "Index Name"); !index.empty()) found.text += " using " + index;
  if (const std::string relation = text_of(node, "Relation Name"); !relation.empty()) {
    const std::string schema = text_of(node, "Schema");
    tables.insert(pg::quote_identifier(schema) + "." + pg::quote_identifier(relation));
    found.text += " on " + (schema == "public" ? relation : schema + "." + relation);
  }
  if (const auto rows = node.find("Plan Rows"); rows != node.end() && rows->is_number())
    found.rows = rows->get<double>();
  facts.plan.push_back(std::move(found));
  if (const auto plans = node.find("Plans"); plans != node.end())
    for (const json& inner : *plans) add_nodes(inner, depth + 1, facts, tables);
}

std::string describe(const Blocker& blocker) {
  std::string text = fmt::format("pid {}", blocker.pid);
  if (blocker.autovacuum) return text + " (autovacuum)";
  if (!blocker.user.empty())
    text += fmt::format(" ({}{}{}, {} for {})", blocker.user, blocker.application.empty() ? "" : ", ",
                        blocker.application, blocker.state, dbtool::to_text(blocker.query_age));
  return blocker.query.empty() ? text : text + ": " + blocker.query;
}

void add_table_reasons(const TableState& table, const std::string& first_analyze,
                       std::vector<std::string>& reasons) {
  constexpr std::int64_t many = 10'000;
  if (!table.vacuum.empty())
    reasons.push_back(fmt::format("{} is being vacuumed ({})", table.name, table.vacuum));
  if (table.dead_rows - table.dead_rows_at_start > std::max(many, table.live_rows / 5))
    reasons.push_back(
        fmt::format("{} has {} dead rows, {} more than at the start: vacuum does not keep up, or an old "
                    "transaction keeps them",
                    table.name, table.dead_rows, table.dead_rows - table.dead_rows_at_start));
  if (table.rows_read_by_scans > std::max(10 * many, 5 * table.live_rows))
    reasons.push_back(fmt::format("{} rows of {} were read by scans of the whole table since the start",
                                  table.rows_read_by_scans, table.name));
  if (table.last_analyze.empty())
    reasons.push_back(fmt::format("{} has never been analyzed: the planner guesses", table.name));
  else if (table.last_analyze != first_analyze)
    reasons.push_back(
        fmt::format("{} was analyzed at {}, since this run began", table.name, table.last_analyze));
}

}  // namespace

BatchFacts read_batch_facts(pg::Connection& connection, const std::optional<pg::Statement>& batch,
                            const std::set<std::string>& touched) {
  BatchFacts facts;
  std::set<std::string> tables = touched;
  if (batch) {
    connection.exec("savepoint plan");
    try {
      const pg::Result plan =
          connection.query("explain (format json, verbose) " + batch->sql, batch->parameters);
      for (const json& one : json::parse(plan.text(0, 0))) add_nodes(one.at("Plan"), 0, facts, tables);
    } catch (const pg::PgError& error) {
      if (error.is_connection_lost()) throw;
      facts.plan_missing = error.fields().message;
    } catch (const json::exception& error) {
      facts.plan_missing = error.what();
    }
    connection.exec("rollback to savepoint plan; release savepoint plan");
  }
  const pg::Result rows = connection.query(tables_query, {pg::array_literal({tables.begin(), tables.end()})});
  for (int row = 0; row < rows.rows(); ++row) {
    TableState table;
    table.name = rows.text(row, 0);
    table.live_rows = rows.integer(row, 1);
    table.dead_rows = table.dead_rows_at_start = rows.integer(row, 2);
    table.rows_read_by_scans = rows.integer(row, 3);
    table.last_analyze = rows.text(row, 4);
    table.vacuum = rows.text(row, 5);
    facts.tables.push_back(std::move(table));
  }
  return facts;
}

std::vector<Blocker> read_blockers(pg::Connection& connection, const std::vector<int>& pids) {
  std::vector<std::string> texts;
  for (const int pid : pids) texts.push_back(std::to_string(pid));
  const pg::Result rows = connection.query(blockers_query, {pg::array_literal(texts)});
  std::vector<Blocker> blockers;
  for (int row = 0; row < rows.rows(); ++row) {
    Blocker blocker;
    blocker.pid = static_cast<int>(rows.integer(row, 0));
    blocker.user = rows.text(row, 1);
    blocker.application = rows.text(row, 2);
    blocker.state = rows.text(row, 3);
    blocker.query = rows.text(row, 4);
    blocker.query_age = std::chrono::milliseconds(rows.integer(row, 5));
    blocker.autovacuum = rows.boolean(row, 6);
    blockers.push_back(std::move(blocker));
  }
  return blockers;
}

std::vector<std::string> read_waits(pg::Connection& connection, const std::vector<int>& pids) {
  std::vector<std::string> texts;
  for (const int pid : pids) texts.push_back(std::to_string(pid));
  const pg::Result rows = connection.query(waits_query, {pg::array_literal(texts)});
  std::vector<std::string> waits;
  for (int row = 0; row < rows.rows(); ++row) waits.emplace_back(rows.text(row, 0));
  return waits;
}

std::vector<std::string> reasons_of(const Symptoms& symptoms) {
  std::vector<std::string> reasons;
  for (const Blocker& blocker : symptoms.blockers) reasons.push_back("batches wait for " + describe(blocker));
  if (!symptoms.now.plan.empty() && !symptoms.first.plan.empty() && symptoms.now.plan != symptoms.first.plan)
    reasons.emplace_back("the plan of the batch is another than at the start");
  if (symptoms.now.plan.empty() && !symptoms.now.plan_missing.empty())
    reasons.push_back("the plan of the batch is not to be had: " + symptoms.now.plan_missing);
  constexpr double more = 3;
  if (symptoms.first_reads_a_row > 0 && symptoms.reads_a_row > more * symptoms.first_reads_a_row)
    reasons.push_back(
        fmt::format("a batch reads {:.0f} rows of tables for each one that it handles, {:.0f} at the start",
                    symptoms.reads_a_row, symptoms.first_reads_a_row));
  for (const TableState& table : symptoms.now.tables) {
    const auto first = std::find_if(symptoms.first.tables.begin(), symptoms.first.tables.end(),
                                    [&](const TableState& one) { return one.name == table.name; });
    add_table_reasons(table, first == symptoms.first.tables.end() ? table.last_analyze : first->last_analyze,
                      reasons);
  }
  for (const std::string& wait : symptoms.waits)
    if (!wait.starts_with("Client")) reasons.push_back("workers wait for " + wait);
  if (reasons.empty())
    reasons.emplace_back(
        "nothing that dbtool can see is another than before: look at the server's disks and cores");
  if (!symptoms.function.empty())
    reasons.push_back(
        fmt::format("the plans within {} are not to be had from outside: auto_explain with "
                    "log_nested_statements shows them",
                    symptoms.function));
  return reasons;
}

std::vector<std::string> lines_of(const std::vector<PlanNode>& plan) {
  std::vector<std::string> lines;
  for (const PlanNode& node : plan)
    lines.push_back(fmt::format("{}{} (rows={:.0f})",
                                std::string(static_cast<std::size_t>(2 * node.depth), ' '), node.text,
                                node.rows));
  return lines;
}

}  // namespace dbtool::online
