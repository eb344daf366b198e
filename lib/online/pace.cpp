#include "online/pace.h"

#include <algorithm>

namespace dbtool::online {

int next_batch_size(int size, std::int64_t rows, std::chrono::microseconds took,
                    std::chrono::milliseconds target) {
  constexpr int smallest = 1;
  constexpr int largest = 1'000'000;
  if (rows <= 0 || took.count() <= 0) return size;
  const double ideal = static_cast<double>(rows) *
                       static_cast<double>(std::chrono::microseconds(target).count()) /
                       static_cast<double>(took.count());
  const double bounded = std::clamp(ideal, size * 0.5, size * 2.0);
  return std::clamp(static_cast<int>(bounded), smallest, largest);
}

}  // namespace dbtool::online
