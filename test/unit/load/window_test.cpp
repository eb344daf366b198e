#include "load/window.h"

#include "load/moment.h"
#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;
using namespace std::chrono_literals;

namespace {

const std::vector<BadFile> bad_windows{
    {"text",
     "window: 12h\n",
     {"dbtool.yml:1:1: `window` must be a mapping, not text; write its keys as `hours: \"22:00-06:00\"`"}},
    {"a misspelt key of dbtool.yml",
     "windw: {zone: UTC}\n",
     {"dbtool.yml:1:1: `windw` is not a key of dbtool.yml; did you mean `window`?"}},
    {"a misspelt key",
     "window:\n  freeze: []\n",
     {"dbtool.yml:2:3: `freeze` is not a key of `window`; did you mean `freezes`?"}},
    {"a backup's age without a limit",
     "window:\n  backupAge: {query: select 1}\n",
     {"dbtool.yml:2:3: `limit` of `backupAge` is missing; write a time with its unit, as 26h"}},
    {"a backup's age without a query",
     "window:\n  backupAge: {limit: 26h}\n",
     {"dbtool.yml:2:14: `query` of `backupAge` is missing; write `query: select …`"}},
    {"a backup's age that is a time alone",
     "window: {backupAge: 26h}\n",
     {"dbtool.yml:1:10: `backupAge` must be a mapping, not text; write {query: select …, limit: 26h}"}},
    {"a limit that is none",
     "window:\n  backupAge: {query: select 1, limit: a day}\n",
     {"dbtool.yml:2:39: `limit` is `a day`; write a time with its unit, as 26h"}},
    {"hours that are none",
     "window: {hours: at night}\n",
     {"dbtool.yml:1:17: `hours` is `at night`; write \"22:00-06:00\", with a time zone \"22:00-06:00 "
      "Europe/Berlin\""}},
    {"freezes that are a mapping",
     "window: {freezes: {from: 2026-12-20, to: 2027-01-04}}\n",
     {"dbtool.yml:1:10: `freezes` must be a list, not a mapping; write [{from: 2026-12-20, to: 2027-01-04, "
      "reason: …}]"}},
    {"a freeze that is a day",
     "window:\n  freezes: [2026-12-20]\n",
     {"dbtool.yml:2:13: a freeze must be a mapping, not text; write [{from: 2026-12-20, to: 2027-01-04, "
      "reason: …}]"}},
    {"a freeze without an end, and one of no such day",
     "window:\n  freezes:\n  - {from: 2026-12-20}\n  - {from: 2026-02-30, to: 2026-03-01, reson: x}\n",
     {"dbtool.yml:3:5: `to` of a freeze is missing; write a day as 2026-12-20, or a time as \"2026-12-20 "
      "18:00\"",
      "dbtool.yml:4:12: `from` is `2026-02-30`; write a day as 2026-12-20, or a time as \"2026-12-20 18:00\"",
      "dbtool.yml:4:40: `reson` is not a key of a freeze; did you mean `reason`?"}},
    {"a freeze that ends before it begins",
     "window:\n  freezes: [{from: 2027-01-04, to: 2026-12-20}]\n",
     {"dbtool.yml:2:13: a freeze ends before it begins; exchange `from` and `to`"}},
    {"replicas without a limit",
     "window:\n  replicas: {except: [delayed]}\n",
     {"dbtool.yml:2:3: `lag` of `replicas` is missing; write a size as 200MB or 10GB"}},
    {"replicas by a size alone",
     "window: {replicas: 200MB}\n",
     {"dbtool.yml:1:10: `replicas` must be a mapping, not text; write {lag: 200MB}, or {lag: 200MB, except: "
      "[delayed]}, or off"}},
    {"a short downtime that is none",
     "window: {shortDowntime: soon}\n",
     {"dbtool.yml:1:25: `shortDowntime` is `soon`; write a time with its unit, as 10min"}},
    {"lengths without a unit",
     "window:\n  shortDowntime: 5\n  backupAge: {query: select 1, limit: 26}\n",
     {"dbtool.yml:2:18: `shortDowntime` is `5`; write a time with its unit, as 10min",
      "dbtool.yml:3:39: `limit` is `26`; write a time with its unit, as 26h"}},
    {"lengths without a unit, written as text or as a fraction",
     "window:\n  shortDowntime: \"1e3\"\n  backupAge: {query: select 1, limit: 2.5}\n",
     {"dbtool.yml:2:18: `shortDowntime` is `1e3`; write a time with its unit, as 10min",
      "dbtool.yml:3:39: `limit` is `2.5`; write a time with its unit, as 26h"}},
};

WindowSettings window_of(const std::string& file) {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml", file);
  return load_files(files).settings.window;
}

std::chrono::local_seconds shown(std::chrono::local_days day, std::chrono::seconds time = 0s) {
  return day + time;
}

}  // namespace

TEST_CASE("What is wrong with the demands on windows is told where it stands", "[load][window]") {
  for (const BadFile& bad : bad_windows) {
    INFO(bad.rule);
    const ProjectFiles files;
    write_minimal(files);
    files.write("dbtool.yml", bad.contents);
    CHECK(complaints_about(files) == bad.complaints);
  }
}

TEST_CASE("Every demand on windows is read", "[load][window]") {
  using namespace std::chrono;
  const WindowSettings settings = window_of(R"(window:
  backupAge: {query: select now() - max(finished) from backups, limit: 26h}
  hours: "22:00-06:00"
  zone: Europe/Berlin
  freezes:
  - {from: 2026-12-20, to: 2027-01-04, reason: holidays}
  - {from: "2027-03-01 18:00", to: 2027-03-02T06:30}
  replicas: {lag: 1GB, except: [delayed]}
  shortDowntime: 10min
)");
  REQUIRE(settings.backup_age);
  CHECK(settings.backup_age->query == "select now() - max(finished) from backups");
  CHECK(settings.backup_age->limit == 26h);
  REQUIRE(settings.hours);
  CHECK(settings.hours->allowed == std::vector<Hours>{{22h, 6h}});
  CHECK(settings.zone == "Europe/Berlin");
  REQUIRE(settings.freezes.size() == 2);
  CHECK(settings.freezes[0].from == shown(local_days(2026y / 12 / 20)));
  CHECK(settings.freezes[0].to == shown(local_days(2027y / 1 / 5)));
  CHECK(settings.freezes[0].reason == "holidays");
  CHECK(settings.freezes[1].from == shown(local_days(2027y / 3 / 1), 18h));
  CHECK(settings.freezes[1].to == shown(local_days(2027y / 3 / 2), 6h + 30min));
  REQUIRE(settings.replicas);
  CHECK(settings.replicas->limit == 1 << 30);
  CHECK(settings.replicas->except == std::vector<std::string>{"delayed"});
  CHECK(settings.short_downtime == 10min);
}

TEST_CASE("Nothing is demanded of windows that nobody wrote", "[load][window]") {
  for (const char* file : {"{}\n", "window:\n", "window: {}\n"}) {
    const WindowSettings usual = window_of(file);
    CHECK_FALSE(usual.backup_age);
    CHECK_FALSE(usual.hours);
    CHECK(usual.freezes.empty());
    CHECK_FALSE(usual.replicas);
    CHECK(usual.tells_replicas);
    CHECK_FALSE(usual.short_downtime);
  }
  CHECK_FALSE(window_of("window: {replicas: off}\n").tells_replicas);
}

TEST_CASE("Days and times are read, or refused", "[load][window]") {
  using load::parse_moment;
  CHECK(parse_moment("2028-02-29")->is_day);
  CHECK_FALSE(parse_moment("2028-02-29 23:59")->is_day);
  for (const char* wrong :
       {"", "2027-02-29", "2026-1-2", "2026-12-20 24:00", "2026-12-20 18:60", "2026-12-20 18", "2026-12-20Z",
        "20 December", "2026-12-20 18:00:00", "2026-12-20  18:00"}) {
    INFO(wrong);
    CHECK_FALSE(parse_moment(wrong));
  }
}
