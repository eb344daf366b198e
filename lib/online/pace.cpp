#include "online/pace.h"

#include <algorithm>
#include <vector>

namespace dbtool::online {

namespace {

constexpr std::size_t batches_kept = 5;
constexpr int largest = 1'000'000;

}  // namespace

void Pace::done(std::int64_t rows, std::chrono::microseconds took, std::chrono::milliseconds wished) {
  if (rows <= 0 || took.count() <= 0) return;
  // What smaller batches took says little of a larger one: each carries its fixed part.
  if (!recent_.empty() && (rows > 2 * recent_.back().rows || recent_.back().rows > 2 * rows)) recent_.clear();
  recent_.push_back({rows, took});
  if (recent_.size() > batches_kept) recent_.pop_front();
  // The median: a batch that met a checkpoint of the server, or a scheduler's whim, is no reason to change.
  std::vector<double> microseconds_a_row;
  for (const Batch& batch : recent_)
    microseconds_a_row.push_back(static_cast<double>(batch.took.count()) / static_cast<double>(batch.rows));
  const auto middle = microseconds_a_row.begin() + static_cast<std::ptrdiff_t>(microseconds_a_row.size() / 2);
  std::nth_element(microseconds_a_row.begin(), middle, microseconds_a_row.end());
  const double ideal = static_cast<double>(std::chrono::microseconds(wished).count()) / *middle;
  size_ = std::clamp(static_cast<int>(std::clamp(ideal, size_ * 0.5, size_ * 2.0)), 1, largest);
}

void Pace::halve() {
  size_ = std::max(1, size_ / 2);
  recent_.clear();
}

std::chrono::microseconds Pace::recent_time() const {
  std::vector<std::chrono::microseconds> times;
  for (const Batch& batch : recent_) times.push_back(batch.took);
  if (times.empty()) return {};
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

}  // namespace dbtool::online
