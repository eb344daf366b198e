#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "cli/progress_state.h"
#include "cli/terminal.h"

namespace dbtool::cli {

/// How progress is told.
enum class ProgressMode {
  live,   ///< one line of a terminal, drawn again and again; what must stay is written above it
  plain,  ///< time-stamped lines, at most one every 10 s, and every warning
  json,   ///< one JSON object a line: every event, batches and statements at most one every 10 s
  quiet,  ///< warnings only
};

/// Where progress goes: bytes and the number of columns they may take.
struct ProgressSink {
  std::function<void(std::string_view)> write;
  std::function<std::size_t()> columns = [] { return std::size_t{80}; };
};

/// Tells a person or a program how a run goes. Safe for use by several threads.
class Progress {
 public:
  Progress(ProgressMode mode, bool verbose, Style style, const Clock& clock, ProgressSink sink);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void observe(const Event& event);

  /// Draws the live line again, or writes a plain line when one is due.
  void tick();

  /// Calls tick() by itself until finish(): a script may run for hours without an event.
  void start_ticking();

  /// Takes the live line away, runs `write` (which may write to the same terminal), draws it again.
  void above(const std::function<void()>& write);

  /// Ends the telling: no live line, no ticks.
  void finish();

 private:
  static constexpr std::chrono::seconds least_distance{10};

  void line(std::string_view text);
  void clear();
  void draw();
  void observe_live(const Event& event);
  void observe_plain(const Event& event);
  void observe_json(const Event& event);
  bool due();
  bool pulse_due();

  const ProgressMode mode_;
  const bool verbose_;
  const Style style_;
  const Clock& clock_;
  const ProgressSink sink_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  ProgressState state_;
  bool drawn_ = false;
  std::optional<Clock::Monotonic> last_line_, last_pulse_;
  std::jthread ticker_;
};

}  // namespace dbtool::cli
