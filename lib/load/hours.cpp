#include "load/hours.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace dbtool::load {

namespace {

/// Takes "22:00", also "6:30", from the front of `text`; up to 24:00.
std::optional<std::chrono::minutes> take_time(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon > 2 || text.size() < colon + 3) return std::nullopt;
  const std::string_view hour = text.substr(0, colon);
  const std::string_view minute = text.substr(colon + 1, 2);
  if (!std::all_of(hour.begin(), hour.end(), is_digit) ||
      !std::all_of(minute.begin(), minute.end(), is_digit))
    return std::nullopt;
  const std::chrono::minutes time =
      std::chrono::hours(std::stoi(std::string(hour))) + std::chrono::minutes(std::stoi(std::string(minute)));
  if (minute >= "60" || time > std::chrono::hours(24)) return std::nullopt;
  text.remove_prefix(colon + 3);
  return time;
}

std::string_view without_spaces_before(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

/// Letters, digits and what else names of zones are made of; begins with a letter.
bool is_zone(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

std::optional<HoursSettings> parse_hours(std::string_view text) {
  constexpr std::chrono::minutes day = std::chrono::hours(24);
  HoursSettings settings;
  text = trim(text);
  while (true) {
    const auto from = take_time(text);
    text = without_spaces_before(text);
    if (!from || *from == day || !text.starts_with('-')) return std::nullopt;
    text = without_spaces_before(text.substr(1));
    const auto to = take_time(text);
    if (!to || *to == *from) return std::nullopt;
    settings.allowed.push_back({*from, *to});
    if (text.empty()) return settings;
    const bool spaced = text.starts_with(' ');
    text = without_spaces_before(text);
    if (text.starts_with(',')) {
      text = without_spaces_before(text.substr(1));
    } else if (spaced && is_zone(text)) {
      settings.zone = text;
      return settings;
    } else {
      return std::nullopt;
    }
  }
}

}  // namespace dbtool::load
