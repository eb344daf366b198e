#include <fmt/format.h>

#include "base/text.h"
#include "report/presentable.h"
#include "report/run_parts.h"

namespace dbtool::report {

namespace {

/// On one line, free of markup, fit for a table's cell.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : presentable_text(text)) {
    if (c == '\n' || c == '\t' || c == '\r') {
      out += ' ';
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) continue;
    if (c == '<') {
      out += "&lt;";
      continue;
    }
    if (std::string_view("\\`*_[]|~#!>@&$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string row(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

}  // namespace

std::string run_markdown(const RunReport& report) {
  std::string text = fmt::format("### {}run {}: {}\n\n", report.name.empty() ? "" : plain(report.name) + ", ",
                                 report.run, plain(report.command));
  text += fmt::format("**{}**, versions {} → {}, {}, by {}, {}\n", plain(report.outcome), report.from,
                      report.goal, run_time(report.seconds), plain(report.by), plain(report.started_at));
  if (!report.message.empty()) text += "\n" + plain(report.message) + "\n";
  if (report.window) {
    const RunWindow& window = *report.window;
    text += fmt::format("\nWindow {}: opened {}, to be over at {} (reserve {}), {}\n", window.number,
                        plain(window.opened_at), plain(window.closes_at), run_time(window.reserve),
                        window.closed_at.empty() ? "still open" : "reopened " + plain(window.closed_at));
  }
  if (!report.steps.empty()) {
    text += "\n" + row({"step", "outcome", "predicted", "took", "WAL", "predicted from"}) +
            row({"---", "---", "---", "---", "---", "---"});
    for (const RunStep& step : report.steps)
      text += row({plain(step_name(step)), plain(step.outcome),
                   step.forecast ? run_range(step.low, step.high) : "", run_time(step.seconds),
                   step.wal_bytes ? run_bytes(*step.wal_bytes) : "", plain(step.source)});
  }
  if (!report.downtime.empty()) {
    text += "\n" + row({"table", "not writable", "not readable"}) + row({"---", "---", "---"});
    for (const RunDowntime& table : report.downtime)
      text += row({plain(table.table), run_time(table.not_writable), run_time(table.not_readable)});
  }
  for (const RunStep& step : report.steps) {
    for (const RunLatencyTotal& total : latency_of(step))
      text += fmt::format("\nServices' latency, {}, {}: {}\n", plain(step_name(step)),
                          total.measure == "probe" ? "the probe" : "their statements",
                          plain(latency_text(total)));
  }
  if (const std::string none = no_latency_text(report); !none.empty()) text += "\n" + plain(none) + "\n";
  if (!report.calibration.empty()) text += "\n" + plain(report.calibration) + "\n";
  return text;
}

}  // namespace dbtool::report
