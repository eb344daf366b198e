#include "cli/status_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/duration.h"
#include "cli/findings.h"
#include "cli/progress_state.h"
#include "model/release.h"

namespace dbtool::cli {

namespace {

std::string seconds_text(double seconds) {
  return dbtool::to_text(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

std::string estimate_text(const status::Estimate& estimate) {
  if (estimate.high <= 1) return "under 1 s";
  if (estimate.low == estimate.high) return seconds_text(estimate.high) + " (" + estimate.source + ")";
  return seconds_text(estimate.low) + " – " + seconds_text(estimate.high) + " (" + estimate.source + ")";
}

std::string pending_text(const status::Pending& pending, const Style& style) {
  const bool heavy = pending.kind == status::PendingKind::slow || pending.kind == status::PendingKind::online;
  const std::string kind = pad(status::to_text(pending.kind), 12);
  std::string line = fmt::format("  {:>5}  {}  ", pending.version, heavy ? style.yellow(kind) : kind);
  line += shorten(one_line(pending.description), 60);
  if (heavy && pending.rows) line += ", ~" + people_count(*pending.rows) + " rows";
  if (heavy && pending.estimate) line += ", " + estimate_text(*pending.estimate);
  return line + "\n";
}

std::string online_text(const status::OnlineProgress& online, const Style& style) {
  std::string text =
      fmt::format("online {} of version {}: {}, {} rows in {} batches",
                  online.direction == Direction::upgrade ? "migration" : "downgrade", online.version,
                  style.yellow("UNFINISHED"), people_count(online.rows_done), online.batches);
  if (online.rows_per_second > 0) text += fmt::format(", {:.0f} rows/s", online.rows_per_second);
  if (online.left) text += ", left " + estimate_text(*online.left);
  if (online.batches > 0) text += ", last batch " + seconds_text(online.age_seconds) + " ago";
  return text + "\n";
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

std::string next_text(const status::Status& status) {
  if (status.running) return "next: wait for it; dbtool status --watch\n";
  if (status.partly)
    return fmt::format(
        "next: dbtool {0} {1}\n", to_text(status.partly->direction),
        status.partly->direction == Direction::upgrade ? status.partly->version : status.partly->version - 1);
  if (status.online && status.online->direction == Direction::upgrade)
    return fmt::format("next: dbtool upgrade {} goes on; back: dbtool downgrade {}\n", status.online->version,
                       status.online->version - 1);
  if (status.online)
    return fmt::format("next: dbtool downgrade {} goes on; back: dbtool upgrade {}\n",
                       status.online->version - 1, status.online->version);
  if (!status.changed.empty())
    return fmt::format("next: put the files back, or dbtool upgrade --accept-changed {}\n",
                       status.changed.front());
  if (!status.pending.empty()) return "next: dbtool upgrade\n";
  return "";
}

}  // namespace

std::string to_text(const status::Status& status, const Style& style) {
  std::string text =
      style.bold(fmt::format("{}version {}", status.name.empty() ? "" : status.name + "  ", status.version));
  text += status.version == status.newest ? ", the newest" : fmt::format(", newest is {}", status.newest);
  text += "\n";
  if (status.running) text += running_text(*status.running, style);
  if (status.partly)
    text += style.yellow(fmt::format("partly {}", status.partly->version)) +
            fmt::format(": {} statements of its {} are done\n", status.partly->position,
                        to_text(status.partly->direction));
  if (status.online) text += online_text(*status.online, style);
  if (!status.may_run.empty()) text += "may run: " + names_of(status.may_run) + "\n";
  if (!status.pending.empty()) {
    text += fmt::format("pending: {}\n", status.pending.size());
    for (const status::Pending& pending : status.pending) text += pending_text(pending, style);
  }
  text += drift_text(status, style);
  if (status.last_run && !status.running)
    text += fmt::format(
        "last run: {}, {}, {}\n", status.last_run->command, status.last_run->outcome,
        status.last_run->finished_at.empty() ? status.last_run->started_at : status.last_run->finished_at);
  return text + next_text(status);
}

std::string state_in_short(const status::Status& status) {
  std::vector<std::string> parts;
  if (status.running) parts.push_back("running: " + status.running->command);
  if (status.partly) parts.push_back(fmt::format("partly {}", status.partly->version));
  if (status.online) parts.push_back(fmt::format("online {} unfinished", status.online->version));
  if (!status.pending.empty()) parts.push_back(fmt::format("{} pending", status.pending.size()));
  if (!status.changed.empty()) parts.push_back(fmt::format("{} changed", status.changed.size()));
  if (status.check && !status.check->clean()) parts.push_back(findings_summary(status.check->findings));
  return parts.empty() ? "up to date" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace dbtool::cli
