#include "load/throttle.h"

#include <string>
#include <vector>

#include "load/hours.h"
#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;
using namespace std::chrono_literals;

namespace {

const std::vector<BadFile> bad_throttles{
    {"text",
     "throttle: on\n",
     {"dbtool.yml:1:1: `throttle` must be a mapping, not text; write its keys as `lag: 200MB`"}},
    {"a misspelt key",
     "throttle:\n  chekpoint: 30s\n",
     {"dbtool.yml:2:3: `chekpoint` is not a key of `throttle`; did you mean `checkpoint`?"}},
    {"a time that is none",
     "throttle: {blocked: soon}\n",
     {"dbtool.yml:1:21: `blocked` is `soon`; write a time as 20ms, 30s or 5min, or off"}},
    {"a size that is none",
     "throttle: {lag: far}\n",
     {"dbtool.yml:1:17: `lag` is `far`; write a size as 200MB, or {limit: 200MB, except: […]}, or off"}},
    {"no sessions",
     "throttle: {active: 0}\n",
     {"dbtool.yml:1:20: `active` is `0`; write a number of sessions as 40, or off"}},
    {"a list for a size",
     "throttle: {wal: []}\n",
     {"dbtool.yml:1:17: `wal` must be text, not a list; write one text"}},
    {"a probe without a limit",
     "throttle:\n  probe: {query: select 1}\n",
     {"dbtool.yml:2:3: `limit` of `probe` is missing; write a time as 20ms, 30s or 5min"}},
    {"a probe without a query",
     "throttle:\n  probe: {limit: 20ms}\n",
     {"dbtool.yml:2:10: `query` of `probe` is missing; write `query: select …`"}},
    {"a probe that is text",
     "throttle:\n  probe: select 1\n",
     {"dbtool.yml:2:3: `probe` must be a mapping, not text; write {query: select …, limit: 20ms}"}},
    {"a probe with a misspelt key",
     "throttle:\n  probe: {query: select 1, limti: 20ms, limit: 20ms}\n",
     {"dbtool.yml:2:28: `limti` is not a key of `probe`; did you mean `limit`?"}},
    {"a disk without a least size",
     "throttle:\n  disk: {query: select 1}\n",
     {"dbtool.yml:2:3: `least` of `disk` is missing; write a size as 200MB or 10GB"}},
    {"cancelled queries of no replica",
     "throttle:\n  cancelled: {limit: 5}\n",
     {"dbtool.yml:2:3: `replicas` of `cancelled` must list the replicas' URLs; write [\"${REPLICA_URL}\"]"}},
    {"hours that are none",
     "throttle: {hours: at night}\n",
     {"dbtool.yml:1:19: `hours` is `at night`; write \"22:00-06:00\", with a time zone \"22:00-06:00 "
      "Europe/Berlin\""}},
    {"vacuum by a word",
     "throttle: {vacuum: pause}\n",
     {"dbtool.yml:1:20: `vacuum` must be a boolean, not text; write true or false"}},
    {"a query without a bound",
     "throttle:\n  queries: [{name: a, query: select 1}]\n",
     {"dbtool.yml:2:13: a query of `queries` needs `limit` or `least`, one of them; write one"}},
    {"a query with two bounds",
     "throttle:\n  queries: [{name: a, query: select 1, limit: 1, least: 1}]\n",
     {"dbtool.yml:2:13: a query of `queries` needs `limit` or `least`, one of them; write one"}},
    {"a bound that is none",
     "throttle:\n  queries: [{name: a, query: select 1, limit: -1}]\n",
     {"dbtool.yml:2:47: `limit` is `-1`; write a number above 0"}},
    {"a query without a name",
     "throttle:\n  queries: [{query: select 1, limit: 1}]\n",
     {"dbtool.yml:2:13: `name` of a query of `queries` is missing; write `name: …`"}},
    {"two queries of one name",
     "throttle:\n  queries:\n  - {name: a, query: select 1, limit: 1}\n  - {name: a, query: select 2, limit: "
     "1}\n",
     {"dbtool.yml:4:5: `queries` has two named `a`; give one another name"}},
    {"a query that is text",
     "throttle:\n  queries: [select 1]\n",
     {"dbtool.yml:2:13: a query of `queries` must be a mapping, not text; write [{name: …, query: select …, "
      "limit: 10}]"}},
    {"absence of a number",
     "throttle: {absence: long}\n",
     {"dbtool.yml:1:21: `absence` is `long`; write a time as 20ms, 30s or 5min"}},
};

ThrottleSettings throttle_of(const std::string& dbtool_yml) {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml", dbtool_yml);
  std::filesystem::permissions(files.path() / "dbtool.yml",
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return load_files(files).settings.throttle;
}

}  // namespace

TEST_CASE("Each rule of the throttle has its complaint", "[load][throttle]") {
  for (const BadFile& bad : bad_throttles) {
    INFO(bad.rule);
    const ProjectFiles files;
    write_minimal(files);
    files.write("dbtool.yml", bad.contents);
    CHECK(complaints_about(files) == bad.complaints);
  }
}

TEST_CASE("Every key of the throttle is read", "[load][throttle]") {
  const ThrottleSettings settings = throttle_of(R"(throttle:
  probe: {query: select 1 from tasks limit 1, limit: 20ms}
  latency: {limit: 10ms, users: [app, "5"]}
  active: 40
  waiting: 8
  blocked: 100ms
  wal: 50MB
  checkpoint: 30s
  lag: {limit: 300MB, except: [delayed]}
  slots: 10GB
  archive: 100
  vacuum: false
  transaction: 30min
  cancelled: {limit: 5, replicas: ["postgres://r1/", "${R2}"]}
  disk: {query: select free from disk, least: 20GB, every: 1min}
  hours: "22:00-06:00, 12:00-13:00 Europe/Berlin"
  queries:
  - {name: apdex, query: select apdex, least: 0.95, pause: true}
  - {name: queue, query: select n, limit: 10, every: 2s}
  absence: 1min
)");
  REQUIRE(settings.probe);
  CHECK(settings.probe->query == "select 1 from tasks limit 1");
  CHECK(settings.probe->limit == 20ms);
  REQUIRE(settings.latency);
  CHECK(settings.latency->limit == 10ms);
  CHECK(settings.latency->users == std::vector<std::string>{"app", "5"});
  CHECK(settings.active == 40);
  CHECK(settings.waiting == 8);
  CHECK(settings.blocked == 100ms);
  CHECK(settings.wal == 50 << 20);
  CHECK(settings.checkpoint == 30s);
  REQUIRE(settings.lag);
  CHECK(settings.lag->limit == 300 << 20);
  CHECK(settings.lag->except == std::vector<std::string>{"delayed"});
  CHECK(settings.slots == 10LL << 30);
  CHECK(settings.archive == 100);
  CHECK_FALSE(settings.vacuum);
  CHECK(settings.transaction == 30min);
  REQUIRE(settings.cancelled);
  CHECK(settings.cancelled->limit == 5);
  REQUIRE(settings.cancelled->replicas.size() == 2);
  CHECK(settings.cancelled->replicas[0].url == "postgres://r1/");
  // Whoever does not move rows needs no replica's address.
  CHECK(settings.cancelled->replicas[1].unset ==
        "dbtool.yml:14:54: the environment variable R2 is not set; set it, or write the value");
  REQUIRE(settings.disk);
  CHECK(settings.disk->least == 20LL << 30);
  CHECK(settings.disk->every == 1min);
  REQUIRE(settings.hours);
  CHECK(settings.hours->allowed == std::vector<Hours>{{22h, 6h}, {12h, 13h}});
  CHECK(settings.hours->zone == "Europe/Berlin");
  REQUIRE(settings.queries.size() == 2);
  CHECK(settings.queries[0].name == "apdex");
  CHECK(settings.queries[0].least);
  CHECK(settings.queries[0].bound == 0.95);
  CHECK(settings.queries[0].pause);
  CHECK(settings.queries[0].every == 5s);
  CHECK(settings.queries[1].every == 2s);
  CHECK_FALSE(settings.queries[1].pause);
  CHECK(settings.absence == 1min);
}

TEST_CASE("What hurts nobody is watched without being named, and can be switched off", "[load][throttle]") {
  for (const char* file : {"{}\n", "throttle: {}\n", "throttle:\n"}) {
    const ThrottleSettings usual = throttle_of(file);
    CHECK(usual.blocked == 200ms);
    REQUIRE(usual.lag);
    CHECK(usual.lag->limit == 200 << 20);
    CHECK(usual.vacuum);
    CHECK_FALSE(usual.probe);
    CHECK_FALSE(usual.active);
    CHECK_FALSE(usual.hours);
    CHECK(usual.absence == 5min);
  }
  const ThrottleSettings none =
      throttle_of("throttle: {blocked: off, lag: off, vacuum: false, hours: off}\n");
  CHECK_FALSE(none.blocked);
  CHECK_FALSE(none.lag);
  CHECK_FALSE(none.vacuum);
  CHECK_FALSE(none.hours);
  CHECK(throttle_of("throttle: {latency: 10ms}\n").latency->limit == 10ms);
  CHECK(throttle_of("throttle: {lag: 1GB}\n").lag->limit == 1 << 30);
}

TEST_CASE("A password in a replica's address is found", "[load][throttle]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("dbtool.yml", "throttle:\n  cancelled: {limit: 5, replicas: [\"postgres://u:secret@r1/\"]}\n");
  std::filesystem::permissions(files.path() / "dbtool.yml", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK(complaints_about(files) ==
        std::vector<std::string>{
            "dbtool.yml:2:36: a password in a file that others can read; write ${NAME}, or "
            "use a service or ~/.pgpass, or chmod 600 the file"});
}

TEST_CASE("Hours of the day are read, or refused", "[load][throttle]") {
  using load::parse_hours;
  CHECK(parse_hours("6:30-24:00")->allowed == std::vector<Hours>{{6h + 30min, 24h}});
  CHECK(parse_hours(" 22:00 - 06:00 ")->allowed == std::vector<Hours>{{22h, 6h}});
  CHECK(parse_hours("22:00-06:00 UTC")->zone == "UTC");
  CHECK(parse_hours("22:00-06:00")->zone.empty());
  for (const char* wrong :
       {"", "22-06", "22:00", "22:00-", "22:00-22:00", "25:00-06:00", "22:60-06:00", "24:00-06:00",
        "22:00-24:01", "22:00-06:00,", "22:00-06:00 'x'", "22:00-06:00UTC", "a:bc-06:00", "22:0-06:00"}) {
    INFO(wrong);
    CHECK_FALSE(parse_hours(wrong));
  }
}
