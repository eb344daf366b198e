#include "run/window_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "online/throttle/hours.h"
#include "window/deadline.h"
#include "window/zone.h"

namespace dbtool::run {

namespace {

using namespace std::chrono;

window::Seconds seconds_of(Clock::Wall moment) {
  return floor<seconds>(moment);
}

/// "2027-01-05 00:00 Europe/Berlin".
std::string shown_text(local_seconds shown, const std::string& zone) {
  const local_days midnight = floor<days>(shown);
  const year_month_day date(midnight);
  const auto time = duration_cast<minutes>(shown - midnight).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}{}{}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time / 60,
                     time % 60, zone.empty() ? "" : " ", zone);
}

window::Zone zone_of(const std::string& name) {
  return name.empty() ? window::local_zone() : window::named_zone(name);
}

void check_freezes(const WindowSettings& settings, const WindowSpan& span, Preflight& found) {
  if (settings.freezes.empty()) return;
  const window::Zone zone = zone_of(settings.zone);
  for (const Freeze& freeze : settings.freezes) {
    // In seconds: a freeze without an end is one until the year 9999, which no nanoseconds reach.
    if (window::moments_of(zone, freeze.to).back() <= seconds_of(span.now)) continue;
    const window::Seconds from = window::moments_of(zone, freeze.from).front();
    if (from >= span.closes) continue;
    const std::string reason = freeze.reason.empty() ? "" : fmt::format(" ({})", freeze.reason);
    const std::string until = shown_text(freeze.to, settings.zone);
    found.problems.push_back(
        from <= span.now
            ? fmt::format("nothing is to be changed until {}{}: wait until then", until, reason)
            : fmt::format(
                  "nothing is to be changed from {} to {}{}, and the window is open then: a shorter one, "
                  "or wait until it is over",
                  shown_text(freeze.from, settings.zone), until, reason));
  }
}

minutes time_of_day(const window::Zone& zone, Clock::Wall moment) {
  const window::Seconds at = seconds_of(moment);
  const local_seconds shown((at + zone(at).east).time_since_epoch());
  return floor<minutes>(shown - floor<days>(shown));
}

void check_hours(const WindowSettings& settings, const WindowSpan& span, Preflight& found) {
  if (!settings.hours) return;
  HoursSettings allowed = *settings.hours;
  if (allowed.zone.empty()) allowed.zone = settings.zone;
  const window::Zone zone = zone_of(allowed.zone);
  const minutes begin = time_of_day(zone, span.opened.value_or(span.now));
  if (!online::allows(allowed, begin)) {
    found.problems.push_back(
        fmt::format("the window begins at {:02}:{:02}, outside the hours {} in which windows are to be: "
                    "begin within them",
                    begin.count() / 60, begin.count() % 60, online::describe(allowed)));
    return;
  }
  // Minute by minute, since hours may be several and clocks be put back. The end itself is no longer in it.
  const Clock::Wall end = std::min(span.closes, span.now + hours(24));
  for (Clock::Wall at = span.now; at < end; at += minutes(1)) {
    if (online::allows(allowed, time_of_day(zone, at))) continue;
    found.warnings.push_back(
        fmt::format("the window goes beyond the hours {}: services are to be up again at {}",
                    online::describe(allowed), window::describe(span.closes, span.now)));
    return;
  }
}

/// A rule that cannot be read is not kept.
void check(const char* key, const WindowSettings& settings, const WindowSpan& span,
           void (*rule)(const WindowSettings&, const WindowSpan&, Preflight&), Preflight& found) {
  try {
    rule(settings, span, found);
  } catch (const Error& error) {
    found.problems.push_back(fmt::format("{} under `window:` in dbtool.yml: {}{}{}", key, error.what(),
                                         error.advice().empty() ? "" : ": ", error.advice()));
  }
}

}  // namespace

Preflight window_rules(const WindowSettings& settings, const WindowSpan& span) {
  Preflight found;
  check("freezes", settings, span, check_freezes, found);
  check("hours", settings, span, check_hours, found);
  return found;
}

}  // namespace dbtool::run
