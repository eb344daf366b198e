#include "window/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dbtool::window {

namespace {

constexpr double minute = 60;
constexpr double hour = 60 * minute;
constexpr double seconds_a_day = 24 * hour;

/// How finely a time of that length is told.
double step_of(double seconds) {
  if (seconds < minute) return 1;
  if (seconds < 10 * minute) return 10;
  if (seconds < hour) return minute;
  if (seconds < 10 * hour) return 10 * minute;
  return 30 * minute;
}

}  // namespace

std::string span_to_text(double seconds) {
  // What is longer than a thousand days is told as that.
  const double whole = std::round(std::clamp(seconds, 0.0, 1000 * seconds_a_day));
  if (whole < minute) return fmt::format("{:.0f} s", whole);
  if (whole < 10 * minute) {
    const double rest = std::fmod(whole, minute);
    const std::string minutes = fmt::format("{:.0f} min", std::floor(whole / minute));
    return rest == 0 ? minutes : minutes + fmt::format(" {:.0f} s", rest);
  }
  const double minutes = std::round(whole / minute);
  if (minutes < 60) return fmt::format("{:.0f} min", minutes);
  if (minutes < 48 * 60) {
    const double rest = std::fmod(minutes, 60);
    const std::string hours = fmt::format("{:.0f} h", std::floor(minutes / 60));
    return rest == 0 ? hours : hours + fmt::format(" {:02.0f}", rest);
  }
  const double hours = std::round(whole / hour);
  return fmt::format("{:.0f} d {:.0f} h", std::floor(hours / 24), std::fmod(hours, 24));
}

std::string range_to_text(const Range& range) {
  const double low = std::max(0.0, range.low);
  const double high = std::max(low, range.high);
  const std::string from = span_to_text(std::floor(low / step_of(low)) * step_of(low));
  const std::string to = span_to_text(std::ceil(high / step_of(high)) * step_of(high));
  return from == to ? from : from + " – " + to;
}

std::string count_to_text(std::int64_t count) {
  const auto number = static_cast<double>(count);
  if (count >= 1'000'000'000) return fmt::format("{:.1f} G", number / 1e9);
  if (count >= 1'000'000) return fmt::format("{:.1f} M", number / 1e6);
  if (count < 1000) return std::to_string(count);
  return fmt::format("{},{:03}", count / 1000, count % 1000);
}

}  // namespace dbtool::window
