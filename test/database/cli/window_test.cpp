#include <nlohmann/json.hpp>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;
using nlohmann::json;

namespace {

json result(const SmallProject& project, std::vector<std::string> words) {
  words.insert(words.end(), {"--format", "json"});
  const auto outcome = project.dbtool(words);
  INFO(outcome.errors);
  REQUIRE(outcome.exit_status == 0);
  return json::parse(outcome.output);
}

}  // namespace

TEST_CASE("window keeps the clock from closed to reopened, and learns the reserve", "[cli][window]") {
  const SmallProject project;
  CHECK(project.dbtool({"window"}).output == "no window is open\n");
  CHECK(project.database.exec("select to_regnamespace('dbtool') is null").boolean(0, 0));

  const auto unknown = project.dbtool({"window", "open", "12h"});
  CHECK(unknown.exit_status == 2);
  CHECK(contains(unknown.errors, "--reserve 45m"));
  CHECK(project.database.exec("select to_regnamespace('dbtool') is null").boolean(0, 0));

  // The first use makes the ledger.
  const auto opened =
      project.dbtool({"window", "open", "12h", "--reserve", "45m", "--reason", "queue tasks"});
  CHECK(opened.exit_status == 0);
  CHECK(contains(opened.output, "WINDOW 1 IS OPEN for 0.0 s by "));
  CHECK(contains(opened.output, ": queue tasks\n"));
  CHECK(contains(opened.output, "the database must be done 45 min 00 s before that: in 11 h 1"));
  CHECK(contains(opened.errors, "the database had no ledger yet"));
  const json shown = result(project, {"window", "status"});
  CHECK(shown["window"]["open"] == true);
  CHECK(shown["window"]["reserve_seconds"] == 2700);
  CHECK(shown["window"]["closed"] == "");
  CHECK(shown["learned_reserve_seconds"].is_null());
  CHECK(shown["window"]["left_seconds"] > 43000);

  const auto second = project.dbtool({"window", "open", "1h", "--reserve", "1m"});
  CHECK(second.exit_status == 1);
  CHECK(contains(second.errors, "window 1 is open since"));
  CHECK(contains(second.errors, "dbtool window extend 2h"));

  const json extended = result(project, {"window", "extend", "2h"});
  CHECK(extended["window"]["left_seconds"] > 50000);
  CHECK(extended["window"]["closes"] != extended["window"]["planned"]);
  CHECK(contains(project.dbtool({"window"}).output, "its end was moved; first it was"));

  // A run that ends in it, on the ledger that the window made.
  CHECK(project.dbtool({"upgrade"}).exit_status == 0);
  project.database.exec(
      "update dbtool.windows set opened = opened - interval '2 hours'; "
      "update dbtool.runs set finished = finished - interval '30 minutes'");
  const auto closed = project.dbtool({"window", "close"});
  CHECK(closed.exit_status == 0);
  CHECK(contains(closed.output, "WINDOW 1 IS CLOSED after 2 h 00 min, "));
  CHECK(contains(closed.output,
                 "before its end\n  1 run in it; from the end of the last one to this: 30 min 0"));
  CHECK(contains(closed.output, "the reserve of the next one, unless said otherwise: 38 min 00 s"));
  CHECK(project.dbtool({"window", "close"}).exit_status == 1);
  CHECK(project.dbtool({"window"}).output ==
        "no window is open; the reserve learnt from earlier ones is 38 min 00 s\n");

  // Learnt, it need not be given; and it must leave something.
  const auto short_one = project.dbtool({"window", "open", "30min"});
  CHECK(short_one.exit_status == 2);
  CHECK(contains(short_one.errors, "38 min 00 s (learnt from earlier windows): nothing is left"));
  CHECK(result(project, {"window", "open", "2h"})["window"]["reserve_seconds"] == 2280);
  CHECK(result(project, {"window", "close", "--ago", "1m"})["window"]["elapsed_seconds"] == 0);
}

TEST_CASE("a window that is overrun says so", "[cli][window]") {
  const SmallProject project;
  CHECK(project.dbtool({"window", "open", "1h", "--reserve", "30m"}).exit_status == 0);
  project.database.exec("update dbtool.windows set closes = closes - interval '40 minutes'");
  CHECK(
      contains(project.dbtool({"window"}).output, "no time is left for the database: its last 30 min 00 s"));
  project.database.exec("update dbtool.windows set closes = closes - interval '40 minutes'");
  CHECK(contains(project.dbtool({"window"}).output, "OVERRUN by 20 min 0"));
  CHECK(contains(project.dbtool({"window", "extend", "10min"}).errors, "still end in the past"));
  CHECK(contains(project.dbtool({"window", "close"}).output, "too late"));
}

TEST_CASE("window names what it does not take", "[cli][window]") {
  const SmallProject project;
  const auto error = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "window");
    const auto outcome = project.dbtool(words);
    CHECK(outcome.exit_status == 2);
    return outcome.errors;
  };
  CHECK(contains(error({"open"}), "a length of time or --until, one of the two"));
  CHECK(contains(error({"open", "2h", "--until", "08:00"}), "one of the two"));
  CHECK(contains(error({"open", "12"}), "that is 0.0 s"));
  CHECK(contains(error({"open", "soon"}), "LENGTH soon is no length of time"));
  CHECK(contains(error({"open", "2h", "--reserve", "much"}), "--reserve much is no length of time"));
  CHECK(contains(error({"open", "2h", "--ago", "1h"}), "window open does not take --ago"));
  CHECK(contains(error({"close", "2h"}), "window close does not take 2h"));
  CHECK(contains(error({"--reserve", "1h"}), "window status does not take --reserve"));
  CHECK(contains(error({"openn", "2h"}), "openn"));
}

TEST_CASE("a window until a time of the day ends then", "[cli][window]") {
  const SmallProject project;
  // Of today or of tomorrow, as the server's clock has it.
  const pg::Result times = project.database.exec(
      "select to_char(t, 'HH24:MI\"Z\"'), to_char(t + interval '1 minute', 'HH24:MI\"Z\"'), "
      "to_char(t + interval '1 minute', 'YYYY-MM-DD HH24:MI') from (select now() at time zone 'UTC' + "
      "interval '2 hours') as n (t)");
  const json opened =
      result(project, {"window", "open", "--until", std::string(times.text(0, 0)), "--reserve", "30s"});
  CHECK(opened["window"]["left_seconds"] > 3600);
  CHECK(opened["window"]["left_seconds"] <= 7200);
  const json moved = result(project, {"window", "extend", "--until", std::string(times.text(0, 1))});
  CHECK(moved["window"]["left_seconds"] > 3600);
  CHECK(project.database
            .exec("select to_char((closes + interval '5 s') at time zone 'UTC', 'YYYY-MM-DD HH24:MI') "
                  "from dbtool.windows")
            .text(0, 0) == times.text(0, 2));
}
