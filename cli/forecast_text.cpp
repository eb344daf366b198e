#include "cli/forecast_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/duration.h"

namespace dbtool::cli {

std::string seconds_text(double seconds) {
  return dbtool::to_text(std::chrono::milliseconds(std::llround(std::max(0.0, seconds) * 1000)));
}

namespace {

std::string doubts_text(const run::Total& total) {
  std::string text;
  if (total.trust != window::Trust::measured) text += ", not to be relied upon";
  if (!total.unknown.empty()) text += fmt::format("; nothing is known of {}", fmt::join(total.unknown, ", "));
  return text;
}

}  // namespace

std::string range_text(const window::Range& range) {
  if (range.high <= 1) return "under 1 s";
  const std::string low = seconds_text(range.low);
  const std::string high = seconds_text(range.high);
  return low == high ? "about " + low : low + " – " + high;
}

std::string forecast_text(const window::Forecast& forecast) {
  if (forecast.trust == window::Trust::unknown) return forecast.source;
  return range_text(forecast.range) + ": " + forecast.source;
}

std::string total_text(const run::Total& total, const std::optional<run::Total>& online) {
  std::string text = "in all " + range_text(total.range) + doubts_text(total);
  if (!online) return text;
  const bool known = online->range.high > 0 || online->unknown.empty();
  text += known ? "; and " + range_text(online->range) + " online, without a window" : "; and online";
  return text + doubts_text(*online);
}

}  // namespace dbtool::cli
