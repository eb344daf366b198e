#include "window/deadline.h"

#include <cstdlib>
#include <ctime>

#include "base/error.h"
#include "test/support/catch.h"
#include "window/zone.h"

using namespace dbtool;
using namespace dbtool::window;
using namespace std::chrono;

namespace {

Clock::Wall utc(int y, unsigned m, unsigned d, int h, int min, int s = 0) {
  return sys_days(year(y) / month(m) / day(d)) + hours(h) + minutes(min) + seconds(s);
}

/// The machine's zone for the length of a test.
class LocalZone {
 public:
  explicit LocalZone(const char* name) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    set(name);
  }
  ~LocalZone() { set(before_ ? before_->c_str() : nullptr); }
  LocalZone(const LocalZone&) = delete;
  LocalZone& operator=(const LocalZone&) = delete;

 private:
  static void set(const char* name) {
    if (name == nullptr) {
      unsetenv("TZ");
    } else {
      setenv("TZ", name, 1);
    }
    tzset();
  }
  std::optional<std::string> before_;
};

std::string refusal(const std::string& text, Clock::Wall now) {
  try {
    parse_until(text, now);
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    CHECK_FALSE(error.advice().empty());
    return error.what();
  }
  return "accepted";
}

/// A file of the time zone database that has a rule and nothing else, as small ones are.
std::string zone_file(const std::string& rule) {
  const std::string nothing("\0\0\0\0", 4);
  const std::string one("\0\0\0\1", 4);
  const std::string header = "TZif2" + std::string(15, '\0');
  const std::string type = std::string(6, '\0');
  const std::string block = nothing + nothing + nothing + nothing + one + one + type + std::string(1, '\0');
  return header + block + header + block + "\n" + rule + "\n";
}

}  // namespace

TEST_CASE("a time without a date is the next moment at which clocks show it", "[window]") {
  const LocalZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto now = utc(2026, 11, 22, 22, 40);  // 23:40 there
  CHECK(parse_until("08:00", now) == utc(2026, 11, 23, 7, 0));
  CHECK(parse_until("23:41", now) == utc(2026, 11, 22, 22, 41));
  CHECK(parse_until("23:40", now) == utc(2026, 11, 23, 22, 40));
  CHECK(parse_until("8:00:30", now) == utc(2026, 11, 23, 7, 0, 30));
  CHECK(parse_until("08:00Z", now) == utc(2026, 11, 23, 8, 0));
  CHECK(parse_until("08:00 UTC", now) == utc(2026, 11, 23, 8, 0));
  CHECK(parse_until("08:00+02:00", now) == utc(2026, 11, 23, 6, 0));
  CHECK(parse_until("08:00 -0330", now) == utc(2026, 11, 23, 11, 30));
  CHECK(parse_until("08:00+5", now) == utc(2026, 11, 23, 3, 0));
}

TEST_CASE("a time with a date is that moment", "[window]") {
  const LocalZone zone("UTC0");
  const auto now = utc(2026, 11, 22, 22, 40);
  CHECK(parse_until("2026-11-23 08:00", now) == utc(2026, 11, 23, 8, 0));
  CHECK(parse_until(" 2026-11-23T08:00Z ", now) == utc(2026, 11, 23, 8, 0));
  CHECK(parse_until("2026-12-01T08:00+01:00", now) == utc(2026, 12, 1, 7, 0));
  CHECK(refusal("2026-11-22 20:30", now) ==
        "\"2026-11-22 20:30\" is no time to be done by: that was 2 h 10 ago");
}

TEST_CASE("what is no time is refused with what is wrong about it", "[window]") {
  const auto now = utc(2026, 11, 22, 22, 40);
  const std::string_view no_time = "is no time to be done by";
  for (const char* text : {"", "8", "08:0", "0800", "24:00", "08:60", "08:00:60", "12h", "2026-02-30 08:00",
                           "2026-11-23", "2026-11 08:00", "08:00+25:00", "08:00+1:2:3:4", "08:00+x"}) {
    INFO(text);
    CHECK(refusal(text, now).find(no_time) != std::string::npos);
  }
  CHECK(refusal("08:00 Europe/Berln", now) ==
        "there is no time zone Europe/Berln; did you mean Europe/Berlin?");
  CHECK(refusal("08:00 ../../etc/passwd", now).find("there is no time zone") == 0);
  CHECK(refusal("08:00 Europe", now).find("there is no time zone") == 0);
}

TEST_CASE("named zones know when clocks are changed", "[window]") {
  const auto autumn = utc(2026, 10, 24, 20, 0);
  // Clocks in Berlin are put back from 03:00 to 02:00 on 25 October, at 01:00 UTC.
  CHECK(parse_until("08:00 Europe/Berlin", utc(2026, 10, 23, 20, 0)) == utc(2026, 10, 24, 6, 0));
  CHECK(parse_until("08:00 Europe/Berlin", autumn) == utc(2026, 10, 25, 7, 0));
  CHECK(parse_until("02:30 Europe/Berlin", autumn) == utc(2026, 10, 25, 0, 30));
  CHECK(parse_until("2026-10-25 02:30 Europe/Berlin", autumn) == utc(2026, 10, 25, 0, 30));
  // Between the two moments of that name the next one is the second.
  CHECK(parse_until("02:30 Europe/Berlin", utc(2026, 10, 25, 0, 45)) == utc(2026, 10, 25, 1, 30));
  CHECK(parse_until("02:30 Europe/Berlin", utc(2026, 10, 25, 1, 45)) == utc(2026, 10, 26, 1, 30));
  // They are put forward from 02:00 to 03:00 on 28 March 2027, at 01:00 UTC.
  const auto spring = utc(2027, 3, 27, 20, 0);
  CHECK(parse_until("08:00 Europe/Berlin", spring) == utc(2027, 3, 28, 6, 0));
  CHECK(parse_until("02:30 Europe/Berlin", spring) == utc(2027, 3, 28, 1, 0));
  CHECK(parse_until("02:30 Europe/Berlin", utc(2027, 3, 28, 1, 0)) == utc(2027, 3, 29, 0, 30));
  // South of the equator summer goes over the turn of the year.
  CHECK(parse_until("08:00 Australia/Sydney", utc(2026, 12, 1, 0, 0)) == utc(2026, 12, 1, 21, 0));
  CHECK(parse_until("08:00 Australia/Sydney", utc(2026, 6, 1, 0, 0)) == utc(2026, 6, 1, 22, 0));
  CHECK(parse_until("2050-07-01 08:00 America/New_York", autumn) == utc(2050, 7, 1, 12, 0));
}

TEST_CASE("the machine's own zone knows when its clocks are changed", "[window]") {
  const LocalZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(parse_until("02:30", utc(2026, 10, 24, 20, 0)) == utc(2026, 10, 25, 0, 30));
  CHECK(parse_until("02:30", utc(2027, 3, 27, 20, 0)) == utc(2027, 3, 28, 1, 0));
}

TEST_CASE("rules of zones say what the C library says", "[window]") {
  for (const char* rule :
       {"CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "AEST-10AEDT,M10.1.0,M4.1.0/3", "<-03>3",
        "<+0330>-3:30", "IST-1GMT0,M10.5.0,M3.5.0/1", "NST3:30NDT,M3.2.0,M11.1.0",
        "EET-2EEST,M3.5.0/3,M10.5.0/4", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "XXX3YYY,J60/2,J300/2",
        "XXX3YYY,59/2,299/2"}) {
    const LocalZone local(rule);
    const auto zone = parse_zone_rule(rule);
    REQUIRE(zone);
    // Every hour and a bit, over a leap year and its neighbours.
    for (auto at = Seconds(sys_days(year(2027) / 12 / 1)); at < Seconds(sys_days(year(2029) / 2 / 1));
         at += minutes(61)) {
      const Offset expected = local_zone()(at);
      const Offset found = (*zone)(at);
      if (found.east == expected.east && found.name == expected.name) continue;
      FAIL(rule << " at " << at.time_since_epoch().count() << ": " << found.east.count() << " " << found.name
                << ", expected " << expected.east.count() << " " << expected.name);
    }
  }
  for (const char* rule : {"", "CE", "CET", "CET-", "CET-1CEST,", "CET-1CEST,M3.5.0",
                           "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x"}) {
    INFO(rule);
    CHECK_FALSE(parse_zone_rule(rule));
  }
}

TEST_CASE("files of zones are read, also those that have nothing but a rule, and broken ones refused",
          "[window]") {
  const std::string file = zone_file("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto zone = parse_zone(file);
  REQUIRE(zone);
  CHECK((*zone)(Seconds(sys_days(year(2026) / 7 / 1))).name == "CEST");
  CHECK((*zone)(Seconds(sys_days(year(2026) / 12 / 1))).east == hours(1));
  CHECK_FALSE(parse_zone(""));
  CHECK_FALSE(parse_zone("TZif"));
  // A part of a file never is a reason to read beyond it.
  for (std::size_t size = 0; size < 2 * 44 + 7; ++size) CHECK_FALSE(parse_zone(file.substr(0, size)));
}

TEST_CASE("a moment is described in UTC, here, and by what is left", "[window]") {
  const auto now = utc(2026, 11, 22, 23, 40);
  {
    const LocalZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
    CHECK(describe(utc(2026, 11, 23, 8, 0), now) == "08:00 UTC (09:00 CET here), in 8 h 20");
    CHECK(describe(utc(2026, 11, 24, 23, 30), now) ==
          "2026-11-24 23:30 UTC (2026-11-25 00:30 CET here), in 47 h 50");
  }
  const LocalZone zone("UTC0");
  CHECK(describe(utc(2026, 11, 23, 8, 0), now) == "08:00 UTC, in 8 h 20");
  CHECK(describe(utc(2026, 11, 22, 23, 30), now) == "23:30 UTC, 10 min ago");
}
