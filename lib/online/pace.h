#pragma once

#include <chrono>
#include <cstdint>

namespace dbtool::online {

/// The size of the next batch, so that a batch takes about `target`: changed by at most a factor of two
/// either way. `rows` is what the last batch of `size` moved (a batch cut short by the end of its range tells
/// nothing of the pace).
int next_batch_size(int size, std::int64_t rows, std::chrono::microseconds took,
                    std::chrono::milliseconds target);

/// The first batch of a run that knows nothing yet.
inline constexpr int first_batch_size = 100;

/// Long enough to be efficient, short enough that services that meet its row locks hardly feel it.
inline constexpr std::chrono::milliseconds default_batch_time{50};

}  // namespace dbtool::online
