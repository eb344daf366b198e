#include "run/window_rules.h"

#include <string>

#include "test/support/catch.h"

using namespace dbtool;
using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;

namespace {

/// In UTC.
run::WindowSpan span_of(sys_days day, std::chrono::minutes begin, std::chrono::minutes length) {
  return {day + begin, day + begin + length};
}

WindowSettings frozen_at_christmas(const std::string& zone) {
  WindowSettings settings;
  settings.zone = zone;
  settings.freezes = {{local_days(2026y / 12 / 20), local_days(2027y / 1 / 5), "holidays"}};
  return settings;
}

bool says(const std::vector<std::string>& texts, const std::string& part) {
  return texts.size() == 1 && texts.front().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A freeze keeps windows from beginning in it and from reaching into it", "[window]") {
  const WindowSettings settings = frozen_at_christmas("Europe/Berlin");
  const auto problems = [&](sys_days day, std::chrono::minutes begin, std::chrono::minutes length) {
    return run::window_rules(settings, span_of(day, begin, length)).problems;
  };
  CHECK(says(problems(2026y / 12 / 24, 12h, 1h),
             "until 2027-01-05 00:00 Europe/Berlin (holidays): wait until then"));
  // Midnight in Berlin is 23:00 UTC.
  CHECK(problems(2026y / 12 / 19, 20h, 3h).empty());
  CHECK(says(problems(2026y / 12 / 19, 20h, 3h + 1min), "and the window is open then"));
  CHECK(problems(2027y / 1 / 4, 23h, 1h).empty());
  CHECK_FALSE(problems(2027y / 1 / 4, 22h + 59min, 1min).empty());
}

TEST_CASE("A freeze may be for ever", "[window]") {
  WindowSettings settings;
  settings.freezes = {{local_days(1900y / 1 / 1), local_days(9999y / 12 / 31), ""}};
  CHECK(says(run::window_rules(settings, span_of(2026y / 11 / 30, 0h, 1h)).problems,
             "until 9999-12-31 00:00: wait"));
}

TEST_CASE("Windows begin within the hours, and are told when they go beyond", "[window]") {
  WindowSettings settings;
  settings.hours = HoursSettings{{{22h, 6h}}, ""};
  settings.zone = "Europe/Berlin";
  const auto found = [&](sys_days day, std::chrono::minutes begin, std::chrono::minutes length) {
    return run::window_rules(settings, span_of(day, begin, length));
  };
  CHECK(says(found(2026y / 11 / 30, 20h + 59min, 1h).problems,
             "the window begins at 21:59, outside the hours 22:00-06:00 Europe/Berlin"));
  CHECK(found(2026y / 11 / 30, 21h, 8h).problems.empty());
  CHECK(found(2026y / 11 / 30, 21h, 8h).warnings.empty());
  CHECK(says(found(2026y / 11 / 30, 21h, 8h + 1min).warnings, "beyond the hours 22:00-06:00 Europe/Berlin"));
  // A day later it is within them again.
  CHECK(found(2026y / 11 / 30, 21h, 25h).warnings.size() == 1);
  // In summer clocks are an hour ahead.
  CHECK(found(2026y / 7 / 1, 20h, 8h).problems.empty());
  // A run that comes later in a window which began within them.
  const run::WindowSpan later = span_of(2026y / 12 / 1, 5h + 30min, 2h);
  CHECK(run::window_rules(settings, later).problems.size() == 1);
  const run::WindowSpan goes_on{later.now, later.closes, later.now - 8h};
  CHECK(run::window_rules(settings, goes_on).problems.empty());
  CHECK(run::window_rules(settings, goes_on).warnings.size() == 1);
  // Hours with a zone of their own.
  settings.hours->zone = "UTC";
  CHECK(found(2026y / 11 / 30, 21h, 1h).problems.size() == 1);
}

TEST_CASE("A zone that does not exist keeps no freeze", "[window]") {
  WindowSettings settings = frozen_at_christmas("Europe/Berln");
  const auto found = run::window_rules(settings, span_of(2026y / 11 / 30, 0h, 1h));
  CHECK(says(found.problems, "Europe/Berln"));
}
