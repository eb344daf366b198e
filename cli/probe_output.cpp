#include "cli/probe_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/size.h"
#include "cli/forecast_text.h"
#include "cli/table.h"
#include "window/words.h"

namespace dbtool::cli {

namespace {

using environment::Portion;
using environment::ProbedStatement;
using nlohmann::ordered_json;

constexpr std::size_t statement_width = 36;

/// "28 µs", "1.3 ms", "2.1 s".
std::string small_time(double seconds) {
  const auto number = [](double value) {
    return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2g}", value);
  };
  if (seconds < 1e-3) return number(seconds * 1e6) + " µs";
  if (seconds < 1) return number(seconds * 1e3) + " ms";
  return fmt::format("{:.1f} s", seconds);
}

std::string rows_text(const ProbedStatement& statement) {
  if (statement.table.empty()) return "";
  return fmt::format("{} of {} of {}", window::count_to_text(statement.rows()),
                     window::count_to_text(statement.table_rows), one_line(statement.table));
}

/// The mean over all rows, and the cheapest and the dearest place.
std::string row_cost(const ProbedStatement& statement) {
  if (statement.rows() == 0) return "";
  double low = 0;
  double high = 0;
  for (const Portion& portion : statement.portions) {
    if (portion.rows == 0) continue;
    const double rate = portion.seconds / static_cast<double>(portion.rows);
    low = low == 0 ? rate : std::min(low, rate);
    high = std::max(high, rate);
  }
  const double mean = statement.seconds() / static_cast<double>(statement.rows());
  if (statement.portions.size() < 2) return small_time(mean);
  double again = 0;
  for (const Portion& portion : statement.portions) again += portion.again_seconds.value_or(0);
  return fmt::format(
      "{} ({} – {}){}", small_time(mean), small_time(low), small_time(high),
      again == 0 ? "" : fmt::format(", again {}", small_time(again / static_cast<double>(statement.rows()))));
}

std::string log_text(const ProbedStatement& statement) {
  std::int64_t bytes = 0;
  for (const Portion& portion : statement.portions) bytes += portion.wal_bytes;
  if (statement.rows() == 0) return "";
  return size_to_text(bytes / statement.rows());
}

std::string blocks_text(const ProbedStatement& statement) {
  if (!statement.counts_blocks || statement.rows() == 0) return "";
  std::int64_t hit = 0;
  std::int64_t read = 0;
  for (const Portion& portion : statement.portions) {
    hit += portion.blocks_hit;
    read += portion.blocks_read;
  }
  if (hit + read == 0) return "none";
  const double share = 100 * static_cast<double>(read) / static_cast<double>(hit + read);
  const std::string from = fmt::format("{:.{}f} % read", share, share > 0 && share < 10 ? 1 : 0);
  return fmt::format("{:.1f}, {}", static_cast<double>(hit + read) / static_cast<double>(statement.rows()),
                     from);
}

ordered_json to_json(const ProbedStatement& statement) {
  auto portions = ordered_json::array();
  for (const Portion& portion : statement.portions) {
    ordered_json one{{"rows", portion.rows}, {"seconds", portion.seconds}, {"wal_bytes", portion.wal_bytes}};
    if (portion.again_seconds) one["again_seconds"] = *portion.again_seconds;
    if (statement.counts_blocks) {
      one["blocks_hit"] = portion.blocks_hit;
      one["blocks_read"] = portion.blocks_read;
    }
    portions.push_back(std::move(one));
  }
  return {{"statement", statement.text},        {"part", statement.of_batch ? "online" : "script"},
          {"table", statement.table},           {"table_rows", statement.table_rows},
          {"rows", statement.rows()},           {"portions", portions},
          {"low_seconds", statement.low},       {"high_seconds", statement.high},
          {"not_probed", statement.not_probed}, {"takes_time", statement.takes_time}};
}

}  // namespace

std::string statements_json(const environment::Probe& probe, bool online) {
  auto statements = ordered_json::array();
  for (const ProbedStatement& statement : probe.statements)
    if (statement.of_batch == online) statements.push_back(to_json(statement));
  return statements.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_text(const ShownProbe& shown, const Style& style) {
  std::string text = fmt::format("version {}  {}\n", shown.probe.version, one_line(shown.description));
  std::vector<std::vector<std::string>> rows;
  std::string left_out;
  for (const ProbedStatement& statement : shown.probe.statements) {
    const std::string name =
        shorten(one_line((statement.of_batch ? "batch: " : "") + statement.text), statement_width);
    if (!statement.not_probed.empty()) {
      left_out += fmt::format("  {}\n    {}{}\n", name, one_line(statement.not_probed),
                              statement.takes_time ? "; ITS TIME IS NOT COUNTED" : "");
      continue;
    }
    if (statement.portions.empty()) continue;
    rows.push_back({name, rows_text(statement), row_cost(statement), log_text(statement),
                    blocks_text(statement), range_text({statement.low, statement.high})});
  }
  if (!rows.empty())
    text += render_table(
        {"statement", "rows tried", "time a row (places)", "log a row", "blocks a row", "all rows"}, rows,
        style);
  if (!left_out.empty()) text += "not probed:\n" + left_out;
  for (const std::string& remark : shown.probe.remarks) text += "note: " + one_line(remark) + "\n";
  for (const ledger::ProbeRecord& record : shown.records) {
    text += fmt::format("{} of version {}: {}{}\n", record.online ? "online part" : "script", record.version,
                        range_text({record.low, record.high}),
                        record.online ? " for one pass by one worker" : "");
    if (!record.missing.empty()) text += "  not counted: " + one_line(record.missing) + "\n";
  }
  text += fmt::format("rolled back after {}; ", dbtool::to_text(shown.probe.duration));
  return text + (shown.records.empty() ? "nothing could be measured, so nothing was kept\n"
                                       : "kept: dbtool plan and dbtool status reckon with it\n");
}

std::string to_json_line(const ShownProbe& shown) {
  auto statements = ordered_json::array();
  for (const ProbedStatement& statement : shown.probe.statements) statements.push_back(to_json(statement));
  auto parts = ordered_json::array();
  for (const ledger::ProbeRecord& record : shown.records)
    parts.push_back({{"part", record.online ? "online" : "script"},
                     {"table", record.table},
                     {"table_rows", record.table_rows},
                     {"rows", record.rows},
                     {"low_seconds", record.low},
                     {"high_seconds", record.high},
                     {"missing", record.missing}});
  const ordered_json json{{"version", shown.probe.version},
                          {"checksum", shown.probe.checksum},
                          {"seconds", static_cast<double>(shown.probe.duration.count()) / 1000},
                          {"statements", statements},
                          {"parts", parts},
                          {"remarks", shown.probe.remarks}};
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace dbtool::cli
