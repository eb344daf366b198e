#include "run/window_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/duration.h"
#include "run/step_watch.h"
#include "window/follow_up.h"

namespace dbtool::run {

namespace {

/// A cancel is heeded at once, or becomes a termination after ten seconds.
constexpr double rollback_at_least = 2;
/// Looking over what is there when all is done.
constexpr double check_at_least = 1;
/// Of the ledger, for a window that another terminal has moved.
constexpr std::chrono::seconds between_reads{2};
constexpr double noticeable_move = 1;  // s
constexpr std::chrono::seconds longest_online_write{5};

double seconds_of(Clock::Monotonic::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string time_text(double seconds) {
  return dbtool::to_text(std::chrono::milliseconds(static_cast<std::int64_t>(std::max(0.0, seconds) * 1000)));
}

const StepCost* cost_of(const Knowledge& knowledge, const Step& step) {
  if (!knowledge.rehearsal) return nullptr;
  const int version = version_of(step).number;
  return std::holds_alternative<OnlineStep>(step)
             ? knowledge.rehearsal->online_part(direction_of(step), version)
             : knowledge.rehearsal->step(direction_of(step), version);
}

}  // namespace

WindowGuard::WindowGuard(Options options, pg::Address address, Clock& clock, Observer observer)
    : options_(std::move(options)),
      address_(std::move(address)),
      clock_(clock),
      observer_(std::move(observer)) {}

WindowGuard::~WindowGuard() = default;

/// Until the database must be done.
double WindowGuard::left() const {
  return seconds_of(options_.deadline->database_by() - clock_.now());
}

double WindowGuard::window_seconds() const {
  return seconds_of(options_.deadline->database_by() - options_.deadline->opened);
}

double WindowGuard::turn_back_cost(const StepCost* cost) const {
  const double rollback = cost != nullptr ? cost->rollback_seconds.value_or(0) : 0;
  return std::max(rollback_at_least, rollback * 1.5) + check_at_least;
}

/// The check, and analyze of what this step and those before it have filled.
double WindowGuard::follows(const StepCost* cost) const {
  std::map<std::string, double> seconds = analyze_;
  add_analyze(seconds, cost);
  double all = check_at_least;
  for (const auto& [table, one] : seconds) all += one;
  return all;
}

void WindowGuard::add_analyze(std::map<std::string, double>& seconds, const StepCost* cost) const {
  if (cost == nullptr) return;
  for (const TableCost& table : cost->tables) {
    if (!window::needs_analyze(table)) continue;
    const auto rows = options_.knowledge.table_rows.find(table.name);
    const bool known = rows != options_.knowledge.table_rows.end();
    seconds[table.name] = window::analyze_seconds(table, known ? std::optional(rows->second) : std::nullopt);
  }
}

std::string WindowGuard::name() const {
  return fmt::format("{}version {}", direction_of(*step_) == Direction::downgrade ? "the way back from " : "",
                     version_of(*step_).number);
}

void WindowGuard::warn(const std::string& text) {
  observer_(Message{Message::Level::warning, text});
}

void WindowGuard::tell_total(const Plan& plan) {
  if (!options_.deadline || plan.steps.empty()) return;
  const Total total = predict(options_.knowledge, plan);
  const double left = this->left();
  std::string text = fmt::format(
      "{} left until the database must be done; the {} is expected to take {} – {}", time_text(left),
      to_text(plan.direction), time_text(total.range.low), time_text(total.range.high));
  for (const int version : total.unknown) text += fmt::format("; nothing is known of {}", version);
  if (const auto online = predict_online(options_.knowledge, plan)) {
    text += online->unknown.empty() ? fmt::format("; and {} – {} online, which goes on after the window",
                                                  time_text(online->range.low), time_text(online->range.high))
                                    : "; and online, nobody knows how long, which goes on after the window";
  }
  observer_(Message{total.range.high > left ? Message::Level::warning : Message::Level::note, text});
}

void WindowGuard::observe(const Event& event) {
  const auto* notice = std::get_if<ScriptNotice>(&event);
  if (notice != nullptr && watch_) watch_->notice(notice->message);
}

void WindowGuard::before(std::int64_t run, const Step& step) {
  run_ = run;
  step_ = &step;
  judge_ = {};
  asked_ = only_warns_ = false;
  told_.reset();
  cancelled_.reset();
  watch_.reset();
  const Version& version = version_of(step);
  const Direction direction = direction_of(step);
  const bool online = std::holds_alternative<OnlineStep>(step);
  before_ = predict(options_.knowledge, step);
  const StepCost* cost = cost_of(options_.knowledge, step);
  // An online part pauses at the end of the window, and goes on afterwards.
  if (const auto* statements = std::get_if<StatementsStep>(&step);
      statements != nullptr && statements->position > 0) {
    before_.trust = std::min(before_.trust, window::Trust::weak);
    before_.source += "; a part of it is done already";
  }
  if (options_.deadline) {
    deadline_read_ = {};
    read_deadline();
  }
  if (options_.deadline && !online) {
    const double spare = std::max(follows(cost), turn_back_cost(cost));
    decide_before(window::judge_before(before_, left(), spare));
    // Who begins it with no time left for turning back does not want that.
    if (left() <= turn_back_cost(cost)) only_warns_ = true;
  }
  if (online) return record_online();
  watch_ = std::make_unique<StepWatch>(
      address_, clock_, Expectation{cost, before_, scale_of(options_.knowledge, direction, version)}, step);
}

/// At once, since an online part may take days. Of one that was begun earlier nothing comparable is known.
void WindowGuard::record_online() const noexcept try {
  if (last_done_ != version_of(*step_).number) return;
  ledger::ForecastRecord forecast;
  forecast.run = run_;
  forecast.version = version_of(*step_).number;
  forecast.direction = direction_of(*step_);
  forecast.online = true;
  if (before_.trust != window::Trust::unknown) {
    forecast.low = before_.range.low;
    forecast.high = before_.range.high;
  }
  forecast.source = before_.source;
  const auto give_up = give_up_after(clock_, longest_online_write);
  pg::Connection connection = pg::Connection::open(address_, give_up);
  connection.on_wait(give_up);
  ledger::record(connection, options_.session, std::vector{forecast});
} catch (...) {
  // The report of this run will lack it.
  return;
}

void WindowGuard::works(int backend_pid) {
  if (watch_) watch_->works(backend_pid, std::holds_alternative<TransactionStep>(*step_));
}

void WindowGuard::poll() {
  if (step_ == nullptr) return;
  read_deadline();
  if (!watch_) return pause_online();
  const bool fresh = watch_->look();
  if (!options_.deadline) {
    if (fresh) observer_(forecast_event());
    return;
  }
  const StepCost* cost = cost_of(options_.knowledge, *step_);
  if (!fresh && !asked_ && left() > turn_back_cost(cost)) return;
  window::Look look;
  look.window = window_seconds();
  look.elapsed = look.window - left();
  look.step = watch_->seconds();
  look.turn_back = turn_back_cost(cost);
  look.follows = follows(cost);
  look.left = watch_->left();
  const window::Judgement judgement = judge_.judge(look);
  if (fresh) {
    StepForecast event = forecast_event();
    event.window_left = left();
    event.turn_back_in = judgement.latest_turn_back;
    if (judgement.verdict != window::Verdict::go_on) event.doubt = judgement.reason;
    observer_(event);
  }
  heed(judgement);
}

void WindowGuard::read_deadline() {
  const auto now = clock_.now();
  if (!options_.deadline || !options_.moved_deadline || now - deadline_read_ < between_reads) return;
  deadline_read_ = now;
  const std::optional<window::Deadline> moved = options_.moved_deadline();
  if (!moved) return;
  const double by = seconds_of(moved->database_by() - options_.deadline->database_by());
  options_.deadline = moved;
  if (std::abs(by) < noticeable_move) return;
  judge_ = {};
  asked_ = only_warns_ = false;
  observer_(Message{
      Message::Level::note,
      fmt::format("the window was moved: {} left until the database must be done", time_text(left()))});
}

void WindowGuard::pause_online() const {
  if (!options_.deadline || left() > 0 || options_.on_overrun == window::OnOverrun::warn) return;
  throw Error(ExitCode::stopped, fmt::format("{} pauses: the window is at its end", name()),
              "services may go on meanwhile; `dbtool online run` goes on with it at any time");
}

StepForecast WindowGuard::forecast_event() const {
  const window::Estimator& estimator = watch_->estimator();
  const window::Forecast left = watch_->left();
  StepForecast event;
  event.direction = direction_of(*step_);
  event.version = version_of(*step_).number;
  event.seconds = watch_->seconds();
  if (left.trust != window::Trust::unknown) event.left = {{left.range.low, left.range.high}};
  event.likely = left.likely;
  event.source = left.source;
  event.progress = watch_->progress();
  event.reasons = estimator.reasons();
  if (watch_->last()) {
    event.waiting = watch_->last()->waiting;
    event.marked = watch_->last()->marked;
    for (const window::HeldLock& lock : watch_->last()->locks)
      event.locks.push_back(lock.table + " " + lock.mode);
  }
  return event;
}

std::optional<std::int64_t> WindowGuard::rows_to_move(const OnlineStep& step) const {
  return run::rows_to_move(options_.knowledge, step.direction, *step.version);
}

void WindowGuard::after(const Step& step, bool done) {
  if (cancelled_ && overrun_) overrun_->rollback_seconds = seconds_of(clock_.now() - *cancelled_);
  if (watch_) watch_->record({options_.session, run_, version_of(step).number, direction_of(step)});
  watch_.reset();
  step_ = nullptr;
  if (!done) return;
  last_done_ = version_of(step).number;
  add_analyze(analyze_, cost_of(options_.knowledge, step));
}

}  // namespace dbtool::run
