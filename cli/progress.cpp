#include "cli/progress.h"

#include <csignal>

namespace dbtool::cli {

namespace {

bool is_warning(const Event& event) {
  if (std::holds_alternative<RateCollapsed>(event) || std::holds_alternative<TurningBack>(event)) return true;
  if (const auto* message = std::get_if<Message>(&event)) return message->level == Message::Level::warning;
  if (const auto* notice = std::get_if<ScriptNotice>(&event)) return notice->severity == "WARNING";
  return false;
}

/// Told of in other ways to people: by a message, and by the note of batches.
bool is_for_programs(const Event& event) {
  return std::holds_alternative<BatchRepeated>(event) || std::holds_alternative<OnlinePulse>(event) ||
         std::holds_alternative<StepForecast>(event);
}

/// A step that took longer is worth a line of its own.
constexpr std::chrono::seconds long_step{1};

/// So that signals wake the thread that waits for the server, not this one.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Progress::Progress(ProgressMode mode, bool verbose, Style style, const Clock& clock, ProgressSink sink)
    : mode_(mode), verbose_(verbose), style_(style), clock_(clock), sink_(std::move(sink)) {}

Progress::~Progress() {
  finish();
}

void Progress::observe(const Event& event) {
  const std::lock_guard lock(mutex_);
  advance(state_, event, clock_.now());
  switch (mode_) {
    case ProgressMode::live:
      return observe_live(event);
    case ProgressMode::plain:
      return observe_plain(event);
    case ProgressMode::json:
      return observe_json(event);
    case ProgressMode::quiet:
      if (is_warning(event)) line(event_line(event));
  }
}

void Progress::observe_live(const Event& event) {
  const auto* done = std::get_if<StepDone>(&event);
  bool stays = verbose_ || std::holds_alternative<Connected>(event) || is_warning(event) ||
               std::holds_alternative<Message>(event) || (done != nullptr && done->duration >= long_step);
  if (std::holds_alternative<BatchDone>(event) || is_for_programs(event)) stays = false;
  if (std::holds_alternative<LockRetry>(event)) stays = due();
  if (stays) {
    clear();
    line(is_warning(event) ? style_.yellow(event_line(event)) : event_line(event));
  }
  draw();
}

void Progress::observe_plain(const Event& event) {
  if (std::holds_alternative<Connected>(event)) return line(event_line(event));
  if (is_for_programs(event)) return;
  if (is_warning(event) || std::holds_alternative<Message>(event) ||
      (verbose_ && !std::holds_alternative<BatchDone>(event)) || due())
    line(local_time(clock_.wall()) + "  " + event_line(event));
}

void Progress::observe_json(const Event& event) {
  if (std::holds_alternative<OnlinePulse>(event)) {
    if (pulse_due()) line(event_json(event, clock_.wall()));
    return;
  }
  // Looks at a step become rarer by themselves.
  const bool frequent =
      std::holds_alternative<BatchDone>(event) || std::holds_alternative<StatementDone>(event);
  if (!frequent || due()) line(event_json(event, clock_.wall()));
}

/// The same for what would take the place of batches, or they its.
bool Progress::pulse_due() {
  const auto now = clock_.now();
  if (last_pulse_ && now - *last_pulse_ < least_distance) return false;
  last_pulse_ = now;
  return true;
}

/// Whether enough time has passed since the last line that was not asked for; then counts from now.
bool Progress::due() {
  const auto now = clock_.now();
  if (last_line_ && now - *last_line_ < least_distance) return false;
  last_line_ = now;
  return true;
}

void Progress::tick() {
  const std::lock_guard lock(mutex_);
  if (mode_ == ProgressMode::live) draw();
  if (mode_ == ProgressMode::plain && state_.run && due())
    line(local_time(clock_.wall()) + "  " + progress_line(state_, clock_.now(), 1000, false));
}

void Progress::start_ticking() {
  if (mode_ != ProgressMode::live && mode_ != ProgressMode::plain) return;
  ticker_ = std::jthread([this](const std::stop_token& stop) {
    block_signals();
    std::mutex sleep;
    std::unique_lock lock(sleep);
    while (!wake_.wait_for(lock, stop, std::chrono::milliseconds(250),
                           [&stop] { return stop.stop_requested(); }))
      tick();
  });
}

void Progress::above(const std::function<void()>& write) {
  const std::lock_guard lock(mutex_);
  const bool was_drawn = drawn_;
  clear();
  write();
  if (was_drawn) draw();
}

void Progress::finish() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  const std::lock_guard lock(mutex_);
  clear();
  state_ = ProgressState{};
}

void Progress::line(std::string_view text) {
  sink_.write(std::string(text) + "\n");
}

void Progress::clear() {
  if (drawn_) sink_.write("\r\x1b[K");
  drawn_ = false;
}

void Progress::draw() {
  // One column stays free: a terminal that wraps at the last one would leave a line behind.
  const std::size_t columns = sink_.columns();
  const std::string text = progress_line(state_, clock_.now(), columns > 1 ? columns - 1 : 1, true);
  if (text.empty()) return;
  sink_.write("\r" + text + "\x1b[K");
  drawn_ = true;
}

}  // namespace dbtool::cli
