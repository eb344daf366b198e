#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace dbtool::online {

/// Long enough to be efficient, short enough that services hardly feel it.
inline constexpr std::chrono::milliseconds default_batch_time{50};
/// Where batches change rows that services write, these wait for the batch's row locks.
inline constexpr std::chrono::milliseconds batch_time_on_written_rows{20};

/// The first batch of a run that knows nothing yet. So few that also rows of 50 ms each are told from quick
/// ones within two seconds: a size is only ever doubled or halved.
inline constexpr int first_batch_size = 16;

/// Chooses the size of the next batch so that it takes about the wished time: from recent batches only,
/// changed by at most a factor of two either way.
class Pace {
 public:
  explicit Pace(int size = first_batch_size) : size_(size > 0 ? size : first_batch_size) {}

  int size() const { return size_; }

  /// A batch of size() is done; `rows` are fewer where its range ended.
  void done(std::int64_t rows, std::chrono::microseconds took, std::chrono::milliseconds wished);

  /// A batch met a limit (a lock, a time limit, a row that fails): half of it is tried.
  void halve();

  /// Median time of the recent batches.
  std::chrono::microseconds recent_time() const;

 private:
  struct Batch {
    std::int64_t rows = 0;
    std::chrono::microseconds took{};
  };

  int size_;
  std::deque<Batch> recent_;
};

}  // namespace dbtool::online
