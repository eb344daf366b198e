#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace dbtool::load {

/// What a calendar and a clock on the wall show.
struct Moment {
  std::chrono::local_seconds shown{};
  bool is_day = false;  ///< no time was written: `shown` is the beginning of that day
};

/// "2026-12-20", "2026-12-20 18:00", "2026-12-20T18:00". nullopt when it is none, as 30 February.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace dbtool::load
