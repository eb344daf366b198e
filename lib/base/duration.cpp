#include "base/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace dbtool {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !(number >= 0)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  static constexpr std::array<std::pair<std::string_view, double>, 8> units{{{"", 1},
                                                                             {"ms", 1},
                                                                             {"s", 1e3},
                                                                             {"sec", 1e3},
                                                                             {"min", 60e3},
                                                                             {"m", 60e3},
                                                                             {"h", 3600e3},
                                                                             {"d", 86400e3}}};
  for (const auto& [unit, milliseconds] : units) {
    // Ten years: far beyond any use, and far from overflow.
    if (text == unit && number * milliseconds < 10 * 365 * 86400e3)
      return std::chrono::milliseconds(std::llround(number * milliseconds));
  }
  return std::nullopt;
}

std::string to_text(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 10'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  const auto s = (ms + 500) / 1000;
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

}  // namespace dbtool
