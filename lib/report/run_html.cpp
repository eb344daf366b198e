#include <fmt/format.h>

#include "report/run_parts.h"

namespace dbtool::report {

namespace {

std::string fact(const char* name, const std::string& value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, run_text(value));
}

/// Cells are HTML.
std::string grid(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::string text = "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>";
  for (const std::string& cell : head) text += "<th>" + cell + "</th>";
  text += "</tr></thead><tbody>\n";
  for (const auto& row : rows) {
    text += "<tr>";
    for (const std::string& cell : row) text += "<td>" + cell + "</td>";
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string window_facts(const RunReport& report) {
  if (!report.window) return fact("window", "none was open");
  const RunWindow& window = *report.window;
  return fact("window", fmt::format("{}: opened {}, to be over at {}, reserve {}", window.number,
                                    window.opened_at, window.closes_at, run_time(window.reserve))) +
         fact("reopened", window.closed_at.empty() ? "not yet" : window.closed_at);
}

std::string steps_table(const RunReport& report) {
  if (report.steps.empty()) return "<p class=\"dim\">No step was begun.</p>\n";
  std::vector<std::vector<std::string>> rows;
  for (const RunStep& step : report.steps)
    rows.push_back({run_text(step_name(step)), run_text(step.outcome),
                    step.forecast ? run_text(run_range(step.low, step.high)) : "", run_time(step.seconds),
                    step.wal_bytes ? run_bytes(*step.wal_bytes) : "", run_text(step.source)});
  return "<div class=\"steps\">" +
         grid({"step", "outcome", "predicted", "took", "WAL", "predicted from"}, rows) + "</div>\n";
}

std::string downtime_table(const RunReport& report) {
  if (report.downtime.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const RunDowntime& table : report.downtime)
    rows.push_back({run_text(table.table), run_time(table.not_writable), run_time(table.not_readable)});
  return "<h2>What services could not use</h2>\n" + grid({"table", "not writable", "not readable"}, rows);
}

std::string step_section(const RunStep& step) {
  std::string charts =
      progress_chart(step) + wal_chart(step) + batch_charts(step) + latency_charts(step) + lock_chart(step);
  const auto phases = phases_of(step);
  if (phases.size() > 1) {
    std::vector<std::vector<std::string>> rows;
    for (const RunPhase& phase : phases)
      rows.push_back({run_text(phase.name), run_time(phase.began), run_time(phase.seconds)});
    charts += "<h3>Phases</h3>\n" + grid({"phase", "began after", "took"}, rows);
  }
  if (!step.samples.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [wait, share] : waits_of(step))
      rows.push_back({run_text(wait), fmt::format("{:.0f} %", share * 100)});
    charts += "<h3>What it was busy with</h3>\n" + grid({"waiting for", "share of the looks"}, rows);
  }
  if (charts.empty()) return "";
  return fmt::format("<section><h2>{}</h2>\n{}</section>\n", run_text(step_name(step)), charts);
}

}  // namespace

std::string run_html(const RunReport& report) {
  const std::string title = run_text(
      fmt::format("{}run {}: {}", report.name.empty() ? "" : report.name + ", ", report.run, report.command));
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}</title>\n<style>{1}</style>\n"
      "</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
      title, run_style);
  page += fmt::format("<p class=\"outcome {}\">{}, versions {} → {}, {}</p>\n",
                      report.outcome == "done" ? "done" : "other", run_text(report.outcome), report.from,
                      report.goal, run_time(report.seconds));
  if (!report.message.empty()) page += "<p class=\"message\">" + run_text(report.message) + "</p>\n";
  page += "<dl>" + fact("started", report.started_at) + fact("finished", report.finished_at) +
          fact("by", report.by) + window_facts(report) + fact("all runs", report.calibration) + "</dl>\n";
  page += clock_chart(report) + "<h2>Steps</h2>\n" + steps_table(report) + downtime_table(report);
  if (const std::string none = no_latency_text(report); !none.empty())
    page += "<p class=\"dim\">" + run_text(none) + "</p>\n";
  for (const RunStep& step : report.steps) page += step_section(step);
  return page + "<p class=\"dim\">" + run_text(report.program) + "</p>\n</main>\n</body>\n</html>\n";
}

}  // namespace dbtool::report
