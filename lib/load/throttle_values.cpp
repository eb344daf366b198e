#include "load/throttle_values.h"

#include <charconv>
#include <cmath>

#include "base/duration.h"
#include "base/size.h"
#include "load/hours.h"

namespace dbtool::load {

namespace {

constexpr std::chrono::milliseconds shortest_interval{500};  // how often the throttle looks

template <typename Value>
std::optional<Value> only_positive(std::optional<Value> value) {
  return value && *value > Value{} ? value : std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> positive_duration(std::string_view text) {
  return only_positive(parse_duration(text));
}

std::optional<std::int64_t> positive_size(std::string_view text) {
  return only_positive(parse_size(text));
}

std::optional<std::int64_t> positive_count(std::string_view text) {
  return only_positive(parse_integer(text));
}

std::optional<double> positive_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && std::isfinite(value) ? only_positive(std::optional(value)) : std::nullopt;
}

std::string ThrottleValues::query(const Node& owner, const std::string& what) const {
  if (const Entry* entry = owner.find("query")) return text(*entry).value_or("");
  reader_.complain(owner, fmt::format("`query` of {} is missing; write `query: select …`", what));
  return {};
}

std::chrono::milliseconds ThrottleValues::interval(const Node& owner, std::chrono::milliseconds usual) const {
  const Entry* entry = owner.find("every");
  if (entry == nullptr) return usual;
  return std::max(value(*entry, positive_duration, duration_advice).value_or(usual), shortest_interval);
}

std::optional<HoursSettings> ThrottleValues::hours(const Entry& entry) const {
  const auto written = text(entry);
  if (!written) return std::nullopt;
  auto hours = parse_hours(*written);
  if (!hours)
    reader_.complain(entry.value, fmt::format("`hours` is `{}`; write \"22:00-06:00\", with a time zone "
                                              "\"22:00-06:00 Europe/Berlin\"",
                                              shorten(*written)));
  return hours;
}

std::vector<std::string> ThrottleValues::names(const Node& owner, const char* key) const {
  std::vector<std::string> result;
  const Entry* entry = owner.find(key);
  if (entry == nullptr || !reader_.is_list(*entry, "write [a, b]")) return result;
  for (const Node& item : entry->value.items) {
    if (auto name = texts_.text(item, key)) result.push_back(std::move(*name));
  }
  return result;
}

}  // namespace dbtool::load
