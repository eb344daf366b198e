#include "window/deadline.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "window/words.h"
#include "window/zone.h"

namespace dbtool::window {

namespace {

using namespace std::chrono;

constexpr std::string_view until_forms =
    R"(write "08:00", "2026-11-23 08:00", "08:00Z", "08:00+02:00" or "08:00 Europe/Berlin")";

[[noreturn]] void refuse(const std::string& text, const std::string& reason) {
  throw Error(ExitCode::usage, fmt::format("\"{}\" is no time to be done by: {}", text, reason),
              std::string(until_forms));
}

/// Takes up to `most` digits from the front.
std::optional<int> take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t digits = 0;
  int number = 0;
  while (digits < most && digits < text.size() && is_digit(text[digits]))
    number = number * 10 + (text[digits++] - '0');
  if (digits < least || (digits < text.size() && is_digit(text[digits]))) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// "2026-11-23" and a blank or T; nothing is taken where there is none.
std::optional<year_month_day> take_date(std::string_view& text, const std::string& whole) {
  std::string_view rest = text;
  const auto y = take_digits(rest, 4, 4);
  if (!y || !take(rest, '-')) return std::nullopt;
  const auto m = take_digits(rest, 1, 2);
  if (!m || !take(rest, '-')) refuse(whole, "the date is not of the form 2026-11-23");
  const auto d = take_digits(rest, 1, 2);
  if (!d || !(take(rest, ' ') || take(rest, 'T') || take(rest, 't')))
    refuse(whole, "the date is not of the form 2026-11-23, with the time of the day behind it");
  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
  if (!date.ok()) refuse(whole, "there is no such day");
  text = rest;
  return date;
}

seconds take_time(std::string_view& text, const std::string& whole) {
  text = trim(text);
  const auto h = take_digits(text, 1, 2);
  std::optional<int> m;
  if (h && take(text, ':')) m = take_digits(text, 2, 2);
  if (!h || !m) refuse(whole, "the time of the day is missing");
  int s = 0;
  if (take(text, ':')) {
    const auto given = take_digits(text, 2, 2);
    if (!given) refuse(whole, "the seconds are not two digits");
    s = *given;
  }
  if (*h > 23 || *m > 59 || s > 59) refuse(whole, "a day has the times from 00:00 to 23:59");
  return hours(*h) + minutes(*m) + seconds(s);
}

/// "Z", "+02:00", "+0200", "-3", "Europe/Berlin"; empty: the machine's own.
Zone zone_from(std::string_view text, const std::string& whole) {
  text = trim(text);
  if (text.empty()) return local_zone();
  const std::string lower = to_lower(text);
  if (lower == "z" || lower == "utc" || lower == "gmt") return fixed_zone(seconds(0), "UTC");
  if (text.front() != '+' && text.front() != '-') return named_zone(std::string(text));
  const int sign = text.front() == '-' ? -1 : 1;
  const std::string name(text);
  text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && (colon > 2 || text.size() != colon + 3))
    refuse(whole, "the offset is not of the form +02:00");
  std::string digits(text.substr(0, colon));
  if (colon != std::string_view::npos) digits += text.substr(colon + 1);
  std::string_view rest = digits;
  const auto number = take_digits(rest, 1, 4);
  if (!number || !rest.empty()) refuse(whole, "the offset is not of the form +02:00");
  const bool has_minutes = digits.size() > 2;
  const int h = has_minutes ? *number / 100 : *number;
  const int m = has_minutes ? *number % 100 : 0;
  if (h > 15 || m > 59) refuse(whole, "no zone is so far from UTC");
  return fixed_zone(sign * (hours(h) + minutes(m)), name);
}

Clock::Wall as_wall(Seconds moment) {
  return Clock::Wall(duration_cast<Clock::Wall::duration>(moment.time_since_epoch()));
}

Seconds as_seconds(Clock::Wall moment) {
  return Seconds(floor<seconds>(moment.time_since_epoch()));
}

std::optional<Clock::Wall> first_after(const std::vector<Seconds>& moments, Clock::Wall now) {
  for (const Seconds moment : moments) {
    if (as_wall(moment) > now) return as_wall(moment);
  }
  return std::nullopt;
}

/// "08:00", with the date where that is more than a day away.
std::string clock_text(Seconds moment, seconds east, bool with_date) {
  const local_seconds shown((moment + east).time_since_epoch());
  const local_days midnight = floor<days>(shown);
  const auto time = duration_cast<minutes>(shown - midnight).count();
  std::string text = fmt::format("{:02}:{:02}", time / 60, time % 60);
  if (!with_date) return text;
  const year_month_day date(midnight);
  return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), text);
}

}  // namespace

Clock::Wall parse_until(const std::string& text, Clock::Wall now) {
  std::string_view rest = trim(text);
  const auto date = take_date(rest, text);
  const seconds time = take_time(rest, text);
  const Zone zone = zone_from(rest, text);
  if (date) {
    const auto moments = moments_of(zone, local_days(*date) + time);
    if (const auto moment = first_after(moments, now)) return *moment;
    const double ago = duration<double>(now - as_wall(moments.back())).count();
    refuse(text, "that was " + span_to_text(ago) + " ago");
  }
  const Seconds from = as_seconds(now);
  const local_days today(floor<days>((from + zone(from).east)).time_since_epoch());
  // Two days on, because a day that has no such moment of its own has one that may be over.
  for (const int later : {0, 1, 2}) {
    if (const auto moment = first_after(moments_of(zone, today + days(later) + time), now)) return *moment;
  }
  refuse(text, "it never comes");
}

std::string describe(Clock::Wall moment, Clock::Wall now) {
  const Seconds at = as_seconds(moment);
  const bool with_date = moment - now >= hours(24) || now - moment >= hours(24);
  const Offset here = local_zone()(at);
  std::string text = clock_text(at, seconds(0), with_date) + " UTC";
  if (here.east != seconds(0))
    text += fmt::format(" ({} {} here)", clock_text(at, here.east, with_date), here.name);
  const double left = duration<double>(moment - now).count();
  return text + (left >= 0 ? ", in " + span_to_text(left) : ", " + span_to_text(-left) + " ago");
}

}  // namespace dbtool::window
