#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>

namespace dbtool::online {

/// One batch, as far as its speed goes.
struct TimedBatch {
  std::int64_t rows = 0;   ///< handled
  std::int64_t moved = 0;  ///< of these changed
  std::chrono::microseconds took{};
  int workers = 1;       ///< at work meanwhile
  bool limited = false;  ///< throttle, pause or a person slow the work down on purpose
};

/// Decides whether the rate has collapsed: batches of late are many times slower than those of this run
/// before, measured within the batches, so that neither pauses nor the number of workers are taken for it.
/// Batches that change rows and those that pass over rows moved before are compared with their like. Knows
/// neither database nor clock; not for two threads at once.
class RateWatch {
 public:
  enum class Change { none, collapsed, recovered };

  /// A batch is committed.
  Change observe(const TimedBatch& batch);
  /// A batch was given up (a lock, a limit) after that time.
  Change observe_failure(std::chrono::microseconds took, bool limited);
  /// A batch of so many rows has been under way for that long.
  Change observe_running(std::int64_t rows, std::chrono::microseconds elapsed, bool limited);

  bool is_collapsed() const { return collapsed_; }
  /// Some batches of late were slow: worth a look at what they wait for.
  bool is_suspicious() const { return slow_ > 0; }
  /// It is known by now what is usual.
  bool has_usual() const;
  /// Rows a second of one worker within its batches; 0: not known.
  double usual() const;
  double recent() const { return recent_; }

 private:
  struct Past {
    double rate = 0;      ///< of a worker, rows a second
    double all_rate = 0;  ///< of all workers, if all were as fast
    double seconds = 0;   ///< of the batch
  };
  /// What batches of one kind were like.
  struct Usual {
    std::deque<Past> batches;
    double median_of(double Past::*member) const;
    bool is_known() const;
  };

  Change judge(bool slow);

  std::array<Usual, 2> usual_;  ///< of batches that pass over rows, and that change them
  std::size_t kind_ = 1;        ///< of the last batch
  std::deque<bool> window_;     ///< whether the last batches were slow
  int slow_ = 0;                ///< in the window
  double recent_ = 0;
  bool collapsed_ = false;
};

}  // namespace dbtool::online
