#include "run/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "catalog/table_rows.h"
#include "ledger/readable.h"
#include "run/probed.h"
#include "sql/parse.h"
#include "window/words.h"
#include "window/work_shares.h"

namespace dbtool::run {

namespace {

/// Below it a script is quick whatever it does with the rows.
constexpr std::int64_t many_rows = 100'000;
/// Seconds a row: one set-based statement on a fast machine, and a row-by-row loop on a slow one.
constexpr double fast_row = 10e-6;
constexpr double slow_row = 2e-3;
/// An online part commits each batch, comes by again for what was written meanwhile, and compares.
constexpr double online_overhead = 1.5;

window::Forecast guess(window::Range range, std::string source) {
  window::Forecast forecast;
  forecast.trust = window::Trust::weak;
  forecast.range = range;
  forecast.likely = std::sqrt(std::max(range.low, 1e-3) * range.high);
  forecast.source = std::move(source);
  return forecast;
}

window::Forecast as_earlier(double seconds) {
  return guess({seconds / 2, seconds * 2},
               "took so long here before, give or take a factor of 2; never rehearsed");
}

window::Forecast by_rows(std::optional<std::int64_t> rows) {
  window::Forecast unknown = window::forecast_before(nullptr, Direction::upgrade, 0, {});
  if (!rows) return unknown;
  const auto count = static_cast<double>(*rows);
  return guess({count * fast_row, count * slow_row},
               "10 µs to 2 ms a row, by the planner's count of rows; " + unknown.source);
}

/// What is left of an online part that is under way; of one that turns round, the rows that were moved.
/// `table`: rows of the table that it is about, as they are counted now.
window::Forecast rest_of(const ledger::OnlineState& online, Direction direction,
                         std::optional<std::int64_t> table) {
  const bool turns = online.direction != direction;
  const std::int64_t total = online.rows_total.value_or(table.value_or(0));
  const std::int64_t left = turns ? online.rows_done : total - online.rows_done;
  if (online.rows_per_second <= 0 || left < 0 || (left == 0 && !turns)) {
    window::Forecast unknown;
    unknown.source = "unknown: it is under way, and how many rows are left is not known";
    return unknown;
  }
  // By functions, nobody knows whether the rows that are done still count in the table.
  const std::int64_t most = turns || online.rows_total ? left : total;
  const double rate = online.rows_per_second;
  return guess({static_cast<double>(left) / rate / 2, static_cast<double>(most) / rate * 2},
               fmt::format("it is under way: about {} rows are left, {} rows/s of late",
                           window::count_to_text(left), window::count_to_text(std::llround(rate))));
}

window::Scale scale_by(const Knowledge& knowledge, const std::string& table) {
  window::Scale scale;
  if (const auto rows = knowledge.table_rows.find(table); rows != knowledge.table_rows.end())
    scale.rows = rows->second;
  if (const auto bytes = knowledge.table_bytes.find(table); bytes != knowledge.table_bytes.end())
    scale.bytes = bytes->second;
  scale.conversions = knowledge.conversions;
  return scale;
}

void add_growth(const Knowledge& knowledge, const StepCost& cost, window::Scale& scale) {
  if (!knowledge.rehearsal) return;
  if (const Growth* growth = knowledge.rehearsal->growth_of(cost)) scale.growth = *growth;
}

window::Forecast with_note(window::Forecast forecast, const std::string& note) {
  forecast.source += note;
  return forecast;
}

}  // namespace

const char* to_text(Weight weight) {
  switch (weight) {
    case Weight::methods_only:
      return "methods only";
    case Weight::quick:
      return "quick";
    case Weight::slow:
      return "slow";
    case Weight::online:
      break;
  }
  return "online";
}

Weight weight_of_script(const Version& version, Direction direction, std::optional<std::int64_t> rows) {
  const SqlText* script = script_of(version, direction);
  if (script == nullptr) return Weight::methods_only;
  // Parsing what is quick anyway would cost more than the rest of it.
  if (version.transactional && rows.value_or(0) < many_rows) return Weight::quick;
  if (!version.transactional) return rows.value_or(many_rows) >= many_rows ? Weight::slow : Weight::quick;
  const sql::ScriptEffects effects = sql::effects_of_block(script->text);
  const bool reads_through = !effects.written.empty() || !effects.locks.empty();
  return reads_through ? Weight::slow : Weight::quick;
}

Weight weight_of(const Version& version, Direction direction, std::optional<std::int64_t> rows) {
  return begins_online(version, direction) ? Weight::online : weight_of_script(version, direction, rows);
}

void read_earlier_seconds(pg::Connection& connection, Knowledge& knowledge) {
  if (!ledger::are_readable(connection, {"steps"})) return;
  const pg::Result rows = connection.query(R"(
      select distinct on (version, direction, outcome)
             version, direction = 'upgrade', extract(epoch from finished - started), outcome <> 'done'
        from dbtool.steps
       where outcome in ('done', 'online part done')
       order by version, direction, outcome, finished desc)");
  for (int row = 0; row < rows.rows(); ++row) {
    const Direction direction = rows.boolean(row, 1) ? Direction::upgrade : Direction::downgrade;
    auto& seconds = rows.boolean(row, 3) ? knowledge.earlier_online_seconds : knowledge.earlier_seconds;
    seconds[{direction, static_cast<int>(rows.integer(row, 0))}] = rows.number(row, 2);
  }
}

void read_probes(pg::Connection& connection, Knowledge& knowledge) {
  knowledge.probes = ledger::read_probes(connection);
}

std::map<std::string, std::int64_t> read_table_bytes(pg::Connection& connection) {
  const pg::Result rows = connection.query(R"(
      select c.relname, (c.relpages + coalesce(t.relpages, 0))::bigint * current_setting('block_size')::bigint
        from pg_class c
        left join pg_class t on t.oid = c.reltoastrelid
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'm'))");
  std::map<std::string, std::int64_t> bytes;
  for (int row = 0; row < rows.rows(); ++row) bytes[std::string(rows.text(row, 0))] = rows.integer(row, 1);
  return bytes;
}

std::string table_of(const Knowledge& knowledge, Direction direction, const Version& version) {
  if (knowledge.rehearsal) {
    const StepCost* cost = knowledge.rehearsal->step(direction, version.number);
    const TableCost* table = cost == nullptr ? nullptr : window::scaling_table(*cost);
    if (table != nullptr && knowledge.table_rows.contains(table->name)) return table->name;
  }
  const SqlText* script = script_of(version, direction);
  return script != nullptr ? catalog::largest_named(script->text, knowledge.table_rows) : "";
}

std::optional<std::int64_t> rows_of(const Knowledge& knowledge, Direction direction, const Version& version) {
  const auto found = knowledge.table_rows.find(table_of(knowledge, direction, version));
  return found == knowledge.table_rows.end() ? std::nullopt : std::optional(found->second);
}

window::Scale scale_of(const Knowledge& knowledge, Direction direction, const Version& version) {
  window::Scale scale = scale_by(knowledge, table_of(knowledge, direction, version));
  const StepCost* cost = knowledge.rehearsal ? knowledge.rehearsal->step(direction, version.number) : nullptr;
  if (cost == nullptr) return scale;
  add_growth(knowledge, *cost, scale);
  convert_by_probe(knowledge, direction, version, *cost, scale);
  return scale;
}

window::Scale scale_of(const Knowledge& knowledge, const StepCost& cost) {
  const TableCost* table = window::scaling_table(cost);
  window::Scale scale = scale_by(knowledge, table == nullptr ? "" : table->name);
  add_growth(knowledge, cost, scale);
  return scale;
}

std::optional<std::int64_t> rows_to_move(const Knowledge& knowledge, Direction direction,
                                         const Version& version) {
  const StepCost* cost =
      knowledge.rehearsal ? knowledge.rehearsal->online_part(direction, version.number) : nullptr;
  if (cost == nullptr || !cost->rows_moved) return std::nullopt;
  const TableCost* table = window::scaling_table(*cost);
  if (table == nullptr) return std::nullopt;
  const auto here = knowledge.table_rows.find(table->name);
  if (here == knowledge.table_rows.end()) return std::nullopt;
  const double a_row = static_cast<double>(*cost->rows_moved) / static_cast<double>(table->rows_before);
  const std::int64_t rows = std::llround(a_row * static_cast<double>(here->second));
  return rows > 0 ? std::optional(rows) : std::nullopt;
}

window::Forecast predict(const Knowledge& knowledge, Direction direction, const Version& version) {
  const ledger::ProbeRecord* probe = probe_of(knowledge, direction, version, false);
  const std::string unused = unused_text(probe, version);
  const StepCost* cost = knowledge.rehearsal ? knowledge.rehearsal->step(direction, version.number) : nullptr;
  if (cost != nullptr) {
    const window::Scale scale = scale_of(knowledge, direction, version);
    // Index builds that the rehearsal does not show apart are in none of the two.
    const bool lacks_builds = !scale.probed.empty() && probe->lacks == ledger::ProbeLacks::builds &&
                              !window::work_shares(*cost).contains(Work::index_build);
    return with_note(window::forecast_before(&*knowledge.rehearsal, direction, version.number, scale),
                     unused + (lacks_builds ? "; not counted: " + probe->missing : ""));
  }
  if (probe != nullptr && unused.empty()) return by_probe(knowledge, *probe, 1, "");
  const auto earlier = knowledge.earlier_seconds.find({direction, version.number});
  if (earlier != knowledge.earlier_seconds.end()) return with_note(as_earlier(earlier->second), unused);
  const std::optional<std::int64_t> rows = rows_of(knowledge, direction, version);
  const Weight weight = weight_of_script(version, direction, rows);
  if (weight == Weight::methods_only || weight == Weight::quick)
    return guess({0, 1}, "few rows or none" + unused);
  return with_note(by_rows(rows), unused);
}

window::Forecast predict_online(const Knowledge& knowledge, Direction direction, const Version& version) {
  if (knowledge.under_way && knowledge.under_way->version == version.number)
    return rest_of(*knowledge.under_way, direction, rows_of(knowledge, direction, version));
  if (knowledge.rehearsal) {
    const StepCost* cost = knowledge.rehearsal->online_part(direction, version.number);
    if (cost != nullptr) {
      window::Forecast forecast = window::forecast_online(&*knowledge.rehearsal, direction, version.number,
                                                          scale_of(knowledge, *cost));
      forecast.source += ", where no throttle slows it";
      return forecast;
    }
  }
  const ledger::ProbeRecord* probe = probe_of(knowledge, direction, version, true);
  const std::string unused = unused_text(probe, version);
  if (probe != nullptr && unused.empty())
    return by_probe(knowledge, *probe, online_overhead, ", by one worker, where no throttle slows it");
  const auto earlier = knowledge.earlier_online_seconds.find({direction, version.number});
  if (earlier != knowledge.earlier_online_seconds.end())
    return with_note(as_earlier(earlier->second), unused);
  const auto& declared = version.online(direction);
  if (!declared) return with_note(by_rows(rows_of(knowledge, direction, version)), unused);
  return with_note(by_rows(scale_by(knowledge, declared->table).rows), unused);
}

window::Forecast predict(const Knowledge& knowledge, const Step& step) {
  const Version& version = version_of(step);
  return std::holds_alternative<OnlineStep>(step) ? predict_online(knowledge, direction_of(step), version)
                                                  : predict(knowledge, direction_of(step), version);
}

void Total::add(int version, const window::Forecast& forecast) {
  trust = std::min(trust, forecast.trust);
  range.low += forecast.range.low;
  range.high += forecast.range.high;
  if (forecast.trust == window::Trust::unknown) unknown.push_back(version);
}

Total predict(const Knowledge& knowledge, const Plan& plan) {
  Total total;
  for (const Step& step : plan.steps) {
    if (!std::holds_alternative<OnlineStep>(step))
      total.add(version_of(step).number, predict(knowledge, step));
  }
  return total;
}

std::optional<Total> predict_online(const Knowledge& knowledge, const Plan& plan) {
  std::optional<Total> total;
  for (const Step& step : plan.steps) {
    if (!std::holds_alternative<OnlineStep>(step)) continue;
    if (!total) total.emplace();
    total->add(version_of(step).number, predict(knowledge, step));
  }
  return total;
}

}  // namespace dbtool::run
