#include "cli/status_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/duration.h"
#include "cli/findings.h"
#include "cli/forecast_text.h"
#include "cli/progress_state.h"
#include "cli/terminal.h"
#include "model/release.h"

namespace dbtool::cli {

namespace {

std::string estimate_text(const status::Estimate& estimate) {
  if (estimate.high <= 1) return "under 1 s";
  if (estimate.low == estimate.high) return seconds_text(estimate.high) + " (" + estimate.source + ")";
  return seconds_text(estimate.low) + " – " + seconds_text(estimate.high) + " (" + estimate.source + ")";
}

std::string pending_text(const status::Pending& pending, const Style& style) {
  const bool heavy = pending.weight == run::Weight::slow || pending.weight == run::Weight::online;
  const std::string kind = pad(run::to_text(pending.weight), 12);
  std::string line = fmt::format("  {:>5}  {}  ", pending.version, heavy ? style.yellow(kind) : kind);
  line += shorten(one_line(pending.description), 60);
  if (heavy && pending.rows) line += ", ~" + people_count(*pending.rows) + " rows";
  const bool alone = !pending.online;
  if ((heavy && alone) || pending.forecast.trust == window::Trust::measured)
    line += "\n         " + style.dim(forecast_text(pending.forecast));
  if (pending.online)
    line += "\n         " + style.dim("online, without a window: " + forecast_text(*pending.online));
  return line + "\n";
}

std::string rows_text(const status::OnlineProgress& online, bool at_work) {
  const std::int64_t done = online.rows_done();
  std::string text = people_count(done);
  if (online.rows_total && *online.rows_total >= done && *online.rows_total > 0)
    text += fmt::format(" of ~{} rows ({:.0f} %)", people_count(*online.rows_total),
                        100.0 * static_cast<double>(done) / static_cast<double>(*online.rows_total));
  else
    text += " rows";
  if (online.verifies()) text += " compared";
  const bool by_average = !at_work && online.state.rows_per_second <= 0;
  const double rate = by_average ? online.rows_per_second : online.state.rows_per_second;
  if ((rate > 0 || at_work) && !online.control.paused)
    text += fmt::format(", {} rows/s", people_count(std::llround(rate)));
  if (online.left && !online.control.paused) text += ", left " + estimate_text(*online.left);
  return text;
}

/// What is more than a line, under its first one.
std::string indented_note(const std::string& note) {
  std::string text;
  for (const char c : printable(note)) {
    text += c;
    if (c == '\n') text += "    ";
  }
  return text;
}

const char* how_it_stands(bool paused, bool running) {
  if (paused) return running ? "PAUSED, unfinished" : "PAUSED, nobody is at work";
  return running ? "RUNNING, unfinished" : "UNFINISHED, nobody is at work";
}

std::string online_text(const status::Status& status, const Style& style) {
  const status::OnlineProgress& online = *status.online;
  const ledger::OnlineState& state = online.state;
  std::string text = fmt::format(
      "online {} of version {}: {}\n", state.direction == Direction::upgrade ? "migration" : "downgrade",
      state.version, style.yellow(how_it_stands(online.control.paused, status.running.has_value())));
  text += "  " + rows_text(online, status.running.has_value()) + "\n";
  if (online.control.paused)
    text += "  " + style.yellow("paused") +
            (online.control.paused_by.empty() ? "" : " by " + online.control.paused_by) + "\n";
  else if (status.running && !state.note.empty())
    text += "  slowed by: " + indented_note(state.note) + "\n";
  if (state.differing > 0 || state.rows_verified > 0)
    text += fmt::format("  differing rows: {} of {} compared\n",
                        state.differing > 0 ? style.red(std::to_string(state.differing)) : "0",
                        people_count(state.rows_verified));
  std::string work = fmt::format("{} batches", state.batches);
  if (status.running && state.workers > 0)
    work += fmt::format(", {} worker{}", state.workers, state.workers == 1 ? "" : "s");
  if (state.pass > 1) work += fmt::format(", pass {}", state.pass);
  if (online.age_seconds) work += ", last batch " + seconds_text(*online.age_seconds) + " ago";
  return text + "  " + work + "\n";
}

std::string running_text(const ledger::RunRecord& run, const Style& style) {
  std::string text = style.bold("running") + ": ";
  text += run.command.empty() ? "a dbtool" : run.command;
  if (!run.host.empty()) text += fmt::format(", pid {} on {} by {}", run.pid, run.host, run.os_user);
  return text + fmt::format(", backend {}, since {}; safe to kill\n", run.backend_pid, run.started_at);
}

std::string drift_text(const status::Status& status, const Style& style) {
  std::string text;
  if (status.moved_from)
    text += style.yellow("moved") + fmt::format(": another tool moved the version from {} to {}\n",
                                                *status.moved_from, status.version);
  if (!status.changed.empty())
    text += style.yellow("changed") + fmt::format(": files of applied version{} {} say something else now\n",
                                                  status.changed.size() == 1 ? "" : "s",
                                                  fmt::join(status.changed, ", "));
  if (status.check) {
    const std::string summary = findings_summary(status.check->findings);
    text +=
        "check: " + (status.check->clean() ? style.green(summary) : style.red(summary) + " (dbtool check)") +
        "\n";
  }
  return text;
}

std::string way_back(const status::OnlineProgress& online) {
  const int version = online.state.version;
  return online.state.direction == Direction::upgrade ? fmt::format("dbtool downgrade {}", version - 1)
                                                      : fmt::format("dbtool upgrade {}", version);
}

std::string next_text(const status::Status& status) {
  if (status.running && status.online)
    return fmt::format("next: {}; back: end it (Ctrl-C, or kill its pid), then {}\n",
                       status.online->control.paused
                           ? "dbtool online resume"
                           : "wait for it (dbtool online status --watch), or dbtool online pause",
                       way_back(*status.online));
  if (status.running) return "next: wait for it; dbtool status --watch\n";
  if (status.partly)
    return fmt::format(
        "next: dbtool {0} {1}\n", to_text(status.partly->direction),
        status.partly->direction == Direction::upgrade ? status.partly->version : status.partly->version - 1);
  if (status.online && status.online->control.paused)
    return fmt::format("next: dbtool online resume, dbtool online run; back: {}\n", way_back(*status.online));
  if (status.online)
    return fmt::format("next: dbtool online run goes on; back: {}\n", way_back(*status.online));
  if (status.files_are_older())
    return fmt::format("next: take newer version files, up to {}; without them only dbtool downgrade works\n",
                       status.version);
  if (!status.changed.empty())
    return fmt::format("next: put the files back, or dbtool upgrade --accept-changed {}\n",
                       fmt::join(status.changed, " --accept-changed "));
  if (!status.pending.empty()) return "next: dbtool upgrade\n";
  return "";
}

}  // namespace

/// What still says that it runs was killed.
std::string outcome_when_nobody_runs(const ledger::RunRecord& run) {
  return run.outcome == "running" ? "lost (it ended without a word)" : run.outcome;
}

std::string to_text(const status::Status& status, const Style& style) {
  std::string text =
      style.bold(fmt::format("{}version {}", status.name.empty() ? "" : status.name + "  ", status.version));
  text += status.version == status.newest ? ", the newest" : fmt::format(", newest is {}", status.newest);
  if (status.files_are_older()) text += ": " + style.red("THE FILES ARE TOO OLD") + " for this database";
  text += "\n";
  if (status.running) text += running_text(*status.running, style);
  if (status.partly)
    text += style.yellow(fmt::format("partly {}", status.partly->version)) +
            fmt::format(": {} of its {} done\n",
                        status.partly->position == 1 ? "1 statement"
                                                     : fmt::format("{} statements", status.partly->position),
                        to_text(status.partly->direction));
  if (status.online) text += online_text(status, style);
  if (!status.may_run.empty()) text += "may run: " + names_of(status.may_run) + "\n";
  if (!status.pending.empty()) {
    text += fmt::format("pending: {}\n", status.pending.size());
    for (const status::Pending& pending : status.pending) text += pending_text(pending, style);
  }
  text += drift_text(status, style);
  if (status.last_run && !status.running)
    text += fmt::format(
        "last run: {}, {}, {}\n", status.last_run->command, outcome_when_nobody_runs(*status.last_run),
        status.last_run->finished_at.empty() ? status.last_run->started_at : status.last_run->finished_at);
  return text + next_text(status);
}

std::string online_details(const status::Status& status, const Style& style) {
  std::string text =
      style.bold(fmt::format("{}version {}", status.name.empty() ? "" : status.name + "  ", status.version)) +
      "\n";
  text += online_text(status, style);
  if (status.running) text += running_text(*status.running, style);
  if (!status.may_run.empty()) text += "may run: " + names_of(status.may_run) + "\n";
  return text + next_text(status);
}

std::string state_in_short(const status::Status& status) {
  std::vector<std::string> parts;
  if (status.files_are_older()) parts.emplace_back("the files are too old");
  if (status.running) parts.push_back("running: " + status.running->command);
  if (status.partly) parts.push_back(fmt::format("partly {}", status.partly->version));
  if (status.online) parts.push_back(fmt::format("online {} unfinished", status.online->state.version));
  if (!status.pending.empty()) parts.push_back(fmt::format("{} pending", status.pending.size()));
  if (!status.changed.empty()) parts.push_back(fmt::format("{} changed", status.changed.size()));
  if (status.check && !status.check->clean()) parts.push_back(findings_summary(status.check->findings));
  return parts.empty() ? "up to date" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace dbtool::cli
