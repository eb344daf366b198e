#include "base/size.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace dbtool {

namespace {

constexpr double kilo = 1024;
constexpr std::array<std::pair<std::string_view, double>, 4> units{
    {{"TB", kilo* kilo* kilo* kilo}, {"GB", kilo* kilo* kilo}, {"MB", kilo* kilo}, {"kB", kilo}}};

}  // namespace

std::optional<std::int64_t> parse_size(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  double factor = 0;
  if (text.empty() || to_lower(text) == "b") factor = 1;
  for (const auto& [unit, bytes] : units) {
    if (to_lower(text) == to_lower(unit)) factor = bytes;
  }
  // A thousand petabytes: beyond any disk, and far from overflow.
  if (factor == 0 || number * factor > 1e18) return std::nullopt;
  return std::llround(number * factor);
}

std::string size_to_text(std::int64_t bytes) {
  for (const auto& [unit, factor] : units) {
    const double value = static_cast<double>(bytes) / factor;
    if (value < 1) continue;
    // Two digits are enough where the first one is small; none behind the point that is nought.
    const double tenths = std::round(value * 10) / 10;
    if (value < 10 && tenths != std::floor(tenths)) return fmt::format("{:.1f} {}", tenths, unit);
    return fmt::format("{:.0f} {}", value, unit);
  }
  return fmt::format("{} bytes", bytes);
}

}  // namespace dbtool
