#include "load/moment.h"

#include "base/text.h"

namespace dbtool::load {

namespace {

/// "2026-12-20" has digits where `form` has 0, and else what `form` has.
bool is_of_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t at = 0; at < form.size(); ++at) {
    if (form[at] == '0' ? !is_digit(text[at]) : text[at] != form[at]) return false;
  }
  return true;
}

int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = value * 10 + (digit - '0');
  return value;
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text) {
  using namespace std::chrono;
  text = trim(text);
  constexpr std::size_t length = 10;  // of a date
  if (!is_of_form(text.substr(0, length), "0000-00-00")) return std::nullopt;
  const year_month_day date(year(number(text.substr(0, 4))),
                            month(static_cast<unsigned>(number(text.substr(5, 2)))),
                            day(static_cast<unsigned>(number(text.substr(8, 2)))));
  if (!date.ok()) return std::nullopt;
  const local_seconds midnight = local_days(date);
  text.remove_prefix(length);
  if (text.empty()) return Moment{midnight, true};
  if (!is_of_form(text, " 00:00") && !is_of_form(text, "T00:00")) return std::nullopt;
  const int hour = number(text.substr(1, 2));
  const int minute = number(text.substr(4, 2));
  if (hour > 23 || minute > 59) return std::nullopt;
  return Moment{midnight + hours(hour) + minutes(minute), false};
}

}  // namespace dbtool::load
