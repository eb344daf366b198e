#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "window/zone.h"

namespace dbtool::window {

namespace {

using namespace std::chrono;

/// Takes a part of a rule after the other from its front; each answers whether it is there.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  bool is_empty() const { return rest_.empty(); }
  bool next_is(char c) const { return rest_.starts_with(c); }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// "CET", "<+03>".
  bool take_name(std::string& name) {
    const bool quoted = take('<');
    const auto belongs = [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (quoted && (is_digit(c) || c == '+' || c == '-'));
    };
    while (!rest_.empty() && belongs(rest_.front())) {
      name += rest_.front();
      rest_.remove_prefix(1);
    }
    return name.size() >= 3 && (!quoted || take('>'));
  }
  bool take_number(int& number) {
    std::size_t digits = 0;
    number = 0;
    while (digits < 4 && digits < rest_.size() && is_digit(rest_[digits]))
      number = number * 10 + (rest_[digits++] - '0');
    rest_.remove_prefix(digits);
    return digits > 0;
  }
  /// "-1", "5:30", "+3:00:00".
  bool take_time(seconds& time) {
    const bool negative = take('-');
    if (!negative) take('+');
    int part = 0;
    if (!take_number(part)) return false;
    time = hours(part);
    if (take(':')) {
      if (!take_number(part)) return false;
      time += minutes(part);
      if (take(':')) {
        if (!take_number(part)) return false;
        time += seconds(part);
      }
    }
    if (negative) time = -time;
    return true;
  }

 private:
  std::string_view rest_;
};

/// When clocks are changed in a year.
struct YearlyChange {
  enum class Kind { weekday, julian, day } kind{};
  int month = 0, week = 0, weekday = 0;  ///< the week-th weekday of the month; 5: the last
  int day = 0;                           ///< julian: 1 to 365 without 29 February; day: 0 to 365
  seconds time = hours(2);

  /// As the clocks before the change show it.
  local_seconds in(year y) const {
    if (kind == Kind::day) return local_days(y / January / 1) + days(day) + time;
    if (kind == Kind::julian) {
      const bool after_leap_day = y.is_leap() && day >= 60;
      return local_days(y / January / 1) + days(day - 1 + (after_leap_day ? 1 : 0)) + time;
    }
    const std::chrono::month m(static_cast<unsigned>(month));
    const std::chrono::weekday on(static_cast<unsigned>(weekday));
    if (week == 5) return local_days(y / m / on[last]) + time;
    return local_days(y / m / on[static_cast<unsigned>(week)]) + time;
  }
};

bool take_change(RuleReader& reader, YearlyChange& change) {
  if (!reader.take(',')) return false;
  if (reader.take('M')) {
    change.kind = YearlyChange::Kind::weekday;
    if (!reader.take_number(change.month) || !reader.take('.') || !reader.take_number(change.week) ||
        !reader.take('.') || !reader.take_number(change.weekday))
      return false;
    if (change.month < 1 || change.month > 12 || change.week < 1 || change.week > 5 || change.weekday > 6)
      return false;
  } else {
    change.kind = reader.take('J') ? YearlyChange::Kind::julian : YearlyChange::Kind::day;
    if (!reader.take_number(change.day) || change.day > 365) return false;
  }
  return !reader.take('/') || reader.take_time(change.time);
}

}  // namespace

std::optional<Zone> parse_zone_rule(std::string_view rule) {
  RuleReader reader(rule);
  Offset standard;
  seconds west{};
  if (!reader.take_name(standard.name) || !reader.take_time(west)) return std::nullopt;
  standard.east = -west;
  if (reader.is_empty()) return fixed_zone(standard.east, standard.name);

  Offset summer;
  if (!reader.take_name(summer.name)) return std::nullopt;
  summer.east = standard.east + hours(1);
  if (!reader.next_is(',')) {
    if (!reader.take_time(west)) return std::nullopt;
    summer.east = -west;
  }
  YearlyChange begins;
  YearlyChange ends;
  if (!take_change(reader, begins) || !take_change(reader, ends) || !reader.is_empty()) return std::nullopt;
  return [=](Seconds moment) {
    const year y = year_month_day(floor<days>(moment + standard.east)).year();
    const Seconds from(begins.in(y).time_since_epoch() - standard.east);
    const Seconds to(ends.in(y).time_since_epoch() - summer.east);
    const bool is_summer = from < to ? from <= moment && moment < to : !(to <= moment && moment < from);
    return is_summer ? summer : standard;
  };
}

}  // namespace dbtool::window
