#include "environment/cold_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "base/size.h"
#include "pg/error.h"
#include "pg/transaction.h"

namespace dbtool::environment {

namespace {

constexpr std::int64_t piece_bytes = 8LL * 1024 * 1024;
/// Below that hardly a place is found twice that is not in memory.
constexpr std::int64_t least_bytes = 4 * piece_bytes;
constexpr double nearly_all = 0.9;
constexpr std::chrono::seconds longest{5};

struct Source {
  std::string table;  ///< quoted
  std::int64_t blocks = 0;
  std::int64_t block_bytes = 0;
  std::int64_t buffers = 0;  ///< pages of shared_buffers
};

std::optional<Source> largest_table(pg::Connection& connection) {
  const pg::Result rows = connection.query(R"(
select c.oid::regclass, pg_relation_size(c.oid) / s.block_size, s.block_size, s.buffers
  from pg_class c,
       (select current_setting('block_size')::bigint as block_size, setting::bigint as buffers
          from pg_settings where name = 'shared_buffers') s
 where c.relkind in ('r', 'm') and c.relpersistence = 'p' and not c.relrowsecurity
   and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace,
                              coalesce(to_regnamespace('dbtool_benchmark'), 0::oid::regnamespace))
   and has_table_privilege(c.oid, 'select')
 order by pg_relation_size(c.oid) desc, c.oid limit 1)");
  if (rows.rows() == 0) return std::nullopt;
  return Source{std::string(rows.text(0, 0)), rows.integer(0, 1), rows.integer(0, 2), rows.integer(0, 3)};
}

nlohmann::json explain(pg::Connection& connection, const std::string& options, const std::string& statement) {
  const pg::Result rows = connection.query(fmt::format("explain ({}, format json) {}", options, statement));
  std::string text;
  for (int row = 0; row < rows.rows(); ++row) text += rows.text(row, 0);
  return nlohmann::json::parse(text).at(0);
}

bool uses_tid_range(const nlohmann::json& node) {
  if (node.value("Node Type", "") == "Tid Range Scan") return true;
  for (const auto& child : node.value("Plans", nlohmann::json::array()))
    if (uses_tid_range(child)) return true;
  return false;
}

}  // namespace

ExplainedScan explain_scan(pg::Connection& connection, const std::string& statement) {
  const nlohmann::json plan = explain(connection, "analyze, buffers, timing off", statement);
  const nlohmann::json& top = plan.at("Plan");
  return {plan.at("Execution Time").get<double>(), top.value("Shared Hit Blocks", std::int64_t{0}),
          top.value("Shared Read Blocks", std::int64_t{0})};
}

ColdScan read_cold(pg::Connection& connection, int repetitions, Clock& clock) {
  const std::optional<Source> source = largest_table(connection);
  if (!source || source->blocks * source->block_bytes < least_bytes)
    return {{},
            fmt::format("cold scan: not measured, no table is larger than {}", size_to_text(least_bytes))};
  const std::int64_t piece = std::clamp<std::int64_t>(source->buffers / 4 / std::max(repetitions, 1), 1,
                                                      piece_bytes / source->block_bytes);
  std::mt19937_64 random(std::random_device{}());
  ColdScan scan;
  pg::Transaction transaction(connection, "isolation level read committed read only",
                              {{"set local lock_timeout = '300ms'"}});
  const auto end = clock.now() + longest;
  for (int i = 0; i < repetitions && clock.now() < end; ++i) {
    const std::int64_t first = std::uniform_int_distribution<std::int64_t>(0, source->blocks - piece)(random);
    const std::string statement =
        fmt::format("select count(*) from only {} where ctid >= '({},0)' and ctid < '({},0)'", source->table,
                    first, first + piece);
    if (i == 0 && !uses_tid_range(explain(connection, "costs off", statement).at("Plan")))
      return {{}, "cold scan: not measured, the planner would read the whole of " + source->table};
    const ExplainedScan read = explain_scan(connection, statement);
    const auto blocks = static_cast<double>(read.hit + read.read);
    if (blocks == 0 || static_cast<double>(read.read) < nearly_all * blocks) continue;
    scan.milliseconds.push_back(read.milliseconds * static_cast<double>(piece_bytes) /
                                (static_cast<double>(source->block_bytes) * blocks));
  }
  transaction.rollback();
  scan.remark =
      scan.milliseconds.empty()
          ? fmt::format("cold scan: not measured, {} is in shared_buffers already", source->table)
          : fmt::format(
                "cold scan: {} pieces of {} of {} from outside shared_buffers; whether the system had "
                "them in its cache cannot be known",
                scan.milliseconds.size(), size_to_text(piece * source->block_bytes), source->table);
  return scan;
}

}  // namespace dbtool::environment
