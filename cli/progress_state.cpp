#include "cli/progress_state.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/duration.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "cli/forecast_text.h"
#include "cli/terminal.h"

namespace dbtool::cli {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::string step_name(Direction direction, int version) {
  return direction == Direction::upgrade ? fmt::format("version {}", version)
                                         : fmt::format("downgrade from version {}", version);
}

std::string rate(double rows_per_second) {
  return people_count(std::llround(rows_per_second)) + " rows/s";
}

std::string left_text(const BatchDone& batch) {
  const auto left =
      time_left(batch.rows_done, batch.rows_total, batch.rows_per_second, batch.recent_rows_per_second);
  if (!left || left->high >= 365 * 86400.0) return "";
  const auto to_time = [](double seconds) {
    return dbtool::to_text(milliseconds(std::llround(seconds * 1000)));
  };
  const std::string low = to_time(left->low);
  const std::string high = to_time(left->high);
  return ", left " + (low == high ? low : low + " – " + high);
}

std::string batch_text(const BatchDone& batch) {
  std::string text = (batch.verifies ? "compared " : "") + people_count(batch.rows_done);
  if (batch.rows_total) text += " of ~" + people_count(*batch.rows_total);
  text += " rows, " +
          rate(batch.recent_rows_per_second > 0 ? batch.recent_rows_per_second : batch.rows_per_second);
  if (batch.workers > 1) text += fmt::format(", {} workers", batch.workers);
  text += left_text(batch);
  if (!batch.note.empty()) text += ", slowed by: " + one_line(batch.note);
  return text;
}

std::string blocker_text(const Blocker& blocker) {
  std::string text = fmt::format("pid {}", blocker.pid);
  if (!blocker.user.empty())
    text += " (" + blocker.user + (blocker.application.empty() ? "" : ", ") + blocker.application + ")";
  if (blocker.autovacuum) text += " autovacuum";
  if (!blocker.state.empty()) text += " " + blocker.state;
  text += " for " + dbtool::to_text(blocker.query_age);
  if (!blocker.query.empty()) text += ": " + shorten(one_line(blocker.query), 60);
  return text;
}

std::string retry_text(const LockRetry& retry) {
  std::string text =
      fmt::format("waits for locks, try {} of {}: {}", retry.attempt, retry.attempts, retry.reason);
  for (const Blocker& blocker : retry.blockers) text += "; blocked by " + blocker_text(blocker);
  return text + "; next try in " + dbtool::to_text(retry.pause);
}

std::string table_text(const TableState& table) {
  std::string text = fmt::format("{}: {} rows, {} dead", table.name, people_count(table.live_rows),
                                 people_count(table.dead_rows));
  if (table.dead_rows != table.dead_rows_at_start)
    text += fmt::format(" ({} at the start)", people_count(table.dead_rows_at_start));
  text += table.last_analyze.empty() ? ", never analyzed" : ", last analyzed " + table.last_analyze;
  return table.vacuum.empty() ? text : text + ", " + table.vacuum;
}

std::string collapse_text(const RateCollapsed& event) {
  std::string text =
      fmt::format("version {} online: the rate has collapsed: {} within a worker's batches, {} before",
                  event.version, rate(event.rows_per_second), rate(event.usual_rows_per_second));
  for (const std::string& reason : event.reasons) text += "\n  " + one_line(reason);
  for (const TableState& table : event.tables) text += "\n  table " + table_text(table);
  const auto add_plan = [&](const char* when, const std::vector<std::string>& plan) {
    if (plan.empty()) return;
    text += fmt::format("\n  plan {}:", when);
    for (const std::string& line : plan) text += "\n    " + printable(line);
  };
  add_plan("now", event.plan);
  if (event.first_plan != event.plan) add_plan("at the start", event.first_plan);
  return text;
}

/// What is left, and how that stands to the window.
std::string forecast_part(const StepForecast& forecast) {
  std::string text;
  if (forecast.left) {
    const std::string low = seconds_text(forecast.left->first), high = seconds_text(forecast.left->second);
    text += ", left " + (low == high ? low : low + " – " + high);
  } else {
    text += ", left: unknown";
  }
  if (forecast.marked) text += fmt::format(", the script says {:.3g} %", 100 * *forecast.marked);
  if (forecast.window_left) text += ", window " + seconds_text(*forecast.window_left);
  if (forecast.turn_back_in)
    text += *forecast.turn_back_in > 0 ? ", turn back within " + seconds_text(*forecast.turn_back_in)
                                       : ", past the latest moment to turn back";
  if (forecast.waiting > 0) text += fmt::format(", {} waiting", forecast.waiting);
  return text;
}

std::string turning_back_text(const TurningBack& turn) {
  std::string text = fmt::format("TURNING BACK, version {}: {}", turn.version, turn.reason);
  for (const std::string& reason : turn.because) text += "\n  why: " + one_line(reason);
  return text;
}

/// How much of the run is done, 0 … 1.
double fraction(const ProgressState& state) {
  const int steps = std::max(1, state.run ? state.run->steps : 1);
  double step = 0;
  if (state.batch && state.batch->rows_total && *state.batch->rows_total > 0)
    step = static_cast<double>(state.batch->rows_done) / static_cast<double>(*state.batch->rows_total);
  else if (state.statement && state.statement->count > 0)
    step = static_cast<double>(state.statement->position) / state.statement->count;
  else if (state.forecast && state.forecast->progress)
    step = *state.forecast->progress;
  return std::clamp((state.steps_done + std::clamp(step, 0.0, 1.0)) / steps, 0.0, 1.0);
}

std::string bar_text(double done) {
  constexpr int width = 20;
  const int full = static_cast<int>(done * width);
  std::string bar = "[";
  for (int i = 0; i < width; ++i) bar += i < full ? "█" : "░";
  return bar + fmt::format("] {:3.0f} %  ", std::floor(done * 100));
}

}  // namespace

std::optional<TimeLeft> time_left(std::int64_t rows_done, std::optional<std::int64_t> rows_total,
                                  double rows_per_second, double recent_rows_per_second) {
  if (!rows_total || rows_per_second <= 0) return std::nullopt;
  const auto left = static_cast<double>(std::max<std::int64_t>(0, *rows_total - rows_done));
  const double recent = recent_rows_per_second > 0 ? recent_rows_per_second : rows_per_second;
  return TimeLeft{left / std::max(rows_per_second, recent), left / std::min(rows_per_second, recent)};
}

std::string people_count(std::int64_t count) {
  const double number = static_cast<double>(count);
  if (count < 10'000) return std::to_string(count);
  if (count < 1'000'000) return fmt::format("{:.1f} k", number / 1e3);
  if (count < 1'000'000'000) return fmt::format("{:.1f} M", number / 1e6);
  return fmt::format("{:.1f} G", number / 1e9);
}

std::string local_time(Clock::Wall time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(std::chrono::system_clock::to_time_t(time)));
}

std::string utc_time(Clock::Wall time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

void advance(ProgressState& state, const Event& event, Clock::Monotonic now) {
  std::visit(Overloaded{
                 [](const Connected&) {},
                 [&](const RunStarted& run) {
                   state = ProgressState{};
                   state.run = run;
                   state.at = run.from;
                 },
                 [&](const StepStarted& step) {
                   state.step = step;
                   state.step_began = now;
                   state.statement.reset();
                   state.batch.reset();
                   state.forecast.reset();
                   state.retry.reset();
                   state.notice.clear();
                 },
                 [&](const ScriptNotice& notice) {
                   state.retry.reset();
                   state.notice = one_line(notice.message);
                 },
                 [&](const LockRetry& retry) { state.retry = retry; },
                 [&](const StatementDone& statement) {
                   state.retry.reset();
                   state.statement = statement;
                 },
                 [&](const BatchDone& batch) {
                   state.retry.reset();
                   state.batch = batch;
                 },
                 [](const BatchRepeated&) {},
                 [](const RateCollapsed&) {},
                 [&](const OnlinePulse& pulse) {
                   // While it stands still no batch tells of it.
                   if (!state.batch || state.batch->version != pulse.version) return;
                   state.batch->note = pulse.note;
                   state.batch->workers = pulse.workers;
                   state.batch->rows_per_second = pulse.rows_per_second;
                   state.batch->recent_rows_per_second = pulse.recent_rows_per_second;
                 },
                 [&](const StepForecast& forecast) {
                   state.retry.reset();
                   state.forecast = forecast;
                 },
                 [](const TurningBack&) {},
                 [&](const StepDone& done) {
                   state.step.reset();
                   state.forecast.reset();
                   state.statement.reset();
                   state.batch.reset();
                   state.retry.reset();
                   state.notice.clear();
                   ++state.steps_done;
                   state.at = done.at;
                 },
                 [&](const Message&) {},
             },
             event);
}

std::string progress_line(const ProgressState& state, Clock::Monotonic now, std::size_t columns, bool bar) {
  if (!state.run) return "";
  std::string line = bar ? bar_text(fraction(state)) : "";
  line += fmt::format("{} {} → {}", to_text(state.run->direction), state.run->from, state.run->goal);
  if (!state.step) {
    line += fmt::format(", at {}", state.at);
  } else {
    line += ", " + step_name(state.step->direction, state.step->version);
    line += ", " + dbtool::to_text(duration_cast<milliseconds>(now - state.step_began));
    if (state.batch) line += ", " + batch_text(*state.batch);
    if (state.forecast) line += forecast_part(*state.forecast);
    if (state.statement)
      line += fmt::format(", statement {} of {}", state.statement->position, state.statement->count);
    if (state.retry)
      line += ", " + retry_text(*state.retry);
    else if (!state.notice.empty())
      line += " · " + state.notice;
    else if (!state.step->description.empty())  // last, for it is what may be cut off
      line += " · " + one_line(state.step->description);
  }
  return shorten(line, columns);
}

std::string event_line(const Event& event) {
  return std::visit(
      Overloaded{
          [](const Connected& connected) {
            return (connected.name.empty() ? "" : connected.name + ": ") + "database " + connected.database +
                   " on " + connected.host + " as " + connected.user;
          },
          [](const RunStarted& run) {
            return fmt::format("{} from {} to {}, {} step{}", to_text(run.direction), run.from, run.goal,
                               run.steps, run.steps == 1 ? "" : "s");
          },
          [](const StepStarted& step) {
            return step_name(step.direction, step.version) + " begins" +
                   (step.description.empty() ? "" : ": " + one_line(step.description)) +
                   (step.kind.empty() ? "" : " (" + step.kind + ")");
          },
          [](const ScriptNotice& notice) {
            return to_lower(notice.severity) + ": " + one_line(notice.message);
          },
          [](const LockRetry& retry) {
            return fmt::format("version {} ", retry.version) + retry_text(retry);
          },
          [](const StatementDone& statement) {
            return fmt::format("version {}, statement {} of {} done: {}", statement.version,
                               statement.position, statement.count, one_line(statement.statement));
          },
          [](const BatchDone& batch) {
            return fmt::format("version {} online: ", batch.version) + batch_text(batch);
          },
          [](const RateCollapsed& collapse) { return collapse_text(collapse); },
          [](const BatchRepeated& batch) {
            return fmt::format("version {} online: a batch is tried again: {}", batch.version,
                               one_line(batch.reason));
          },
          [](const OnlinePulse& pulse) {
            return fmt::format("version {} online: {} at work{}", pulse.version, pulse.workers,
                               pulse.note.empty() ? "" : ", slowed by: " + one_line(pulse.note));
          },
          [](const StepForecast& forecast) {
            return step_name(forecast.direction, forecast.version) + ", " + seconds_text(forecast.seconds) +
                   forecast_part(forecast) + (forecast.source.empty() ? "" : " (" + forecast.source + ")");
          },
          [](const TurningBack& turn) { return turning_back_text(turn); },
          [](const StepDone& done) {
            return fmt::format("{} done in {}, database is at {}", step_name(done.direction, done.version),
                               dbtool::to_text(done.duration), done.at);
          },
          [](const Message& message) {
            return (message.level == Message::Level::warning ? "warning: " : "note: ") +
                   printable(message.text);
          },
      },
      event);
}

}  // namespace dbtool::cli
