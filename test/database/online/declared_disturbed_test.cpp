#include <algorithm>
#include <atomic>
#include <thread>

#include "test/database/online/declared_fixture.h"
#include "test/database/online/stopping.h"
#include "test/support/catch.h"
#include "test/support/proxy.h"

using namespace dbtool;
using namespace dbtool::test;

TEST_CASE("A row that cannot be moved is named, and all before it are moved", "[online]") {
  RunFixture fixture;
  Declared division;
  division.key = "[b]";
  division.verify = "";
  division.batch =
      "insert into copy (a, b, v) select a, b, upper(v) || case when b = 9001 then 1 / (b - 9001) end from "
      "source e "
      "where $range:e$ for update of e on conflict (a, b) do nothing";
  write_declared(fixture, division);
  fixture.upgrade(1);
  fixture.database.exec("create unique index on source (b)");
  try {
    fixture.upgrade(2);
    FAIL("the row was passed over");
  } catch (const run::StepError& error) {
    CHECK_THAT(error.what(), Catch::Contains("division by zero"));
    CHECK_THAT(error.advice(), Catch::Contains("(b) = (9001)"));
  }
  CHECK(fixture.text("select count(*) from copy") == "9000");
  fixture.database.exec("delete from source where b = 9001");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from copy") == "19999");
}

TEST_CASE("A batch that waits for a row lets go, and goes on when the row is free", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.upgrade(1);
  pg::Connection service = fixture.database.connect();
  service.exec("begin; update source set v = 'mine' where b = 500");
  std::jthread commits;
  fixture.on_event = [&](const Event& event) {
    const auto* message = std::get_if<Message>(&event);
    if (message != nullptr && message->text.find("given up") != std::string::npos && !commits.joinable())
      commits = std::jthread([&] { service.exec("commit"); });
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select v from copy where b = 500") == "MINE");
  CHECK(differences(fixture) == "0");
}

TEST_CASE("A call that was under way before the walk is waited for", "[online]") {
  RunFixture fixture;
  Declared up;
  up.verify = "";
  write_declared(fixture, up, 1000);
  fixture.upgrade(1);
  // Of a function of the version before: it writes the source alone, of a row that is copied meanwhile.
  pg::Connection service = fixture.database.connect();
  const std::jthread call([&] {
    service.exec("do $$ begin perform pg_sleep(2); update source set v = 'late' where b = 500; end $$");
  });
  while (fixture.text("select count(*) from pg_stat_activity where wait_event = 'PgSleep' and "
                      "datname = current_database()") == "0")
    fixture.clock.sleep(std::chrono::milliseconds(10));
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.was_told("waits for statements that began before the walk: pid"));
  CHECK(fixture.text("select v from copy where b = 500") == "LATE");
}

TEST_CASE("A declaration that was changed in mid-run begins its walk anew", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.upgrade(1);
  stop_after(fixture, 2);
  expect_stopped(fixture, Direction::upgrade, 2);
  Declared changed;
  changed.key = "[b, a]";
  write_declared(fixture, changed);
  fixture.database.exec("create unique index on source (b, a)");
  fixture.accept_changed = {2};
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.was_told("walked source (a, b) before, now source (b, a): all rows are walked again"));
  CHECK(differences(fixture) == "0");
}

TEST_CASE("What is no longer to be compared does not keep a version unfinished", "[online]") {
  RunFixture fixture;
  Declared wrong;
  wrong.verify =
      "{source: 'select a, b, lower(v) from source e where $range:e$', "
      "copy: 'select a, b, v from copy c where $range:c$'}";
  write_declared(fixture, wrong, 1000);
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("source and copy differ"));
  Declared without;
  without.verify = "";
  write_declared(fixture, without, 1000);
  fixture.accept_changed = {2};
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
  CHECK(differences(fixture) == "0");
}

TEST_CASE("Looking again at rows that differ does not make the batches smaller", "[online]") {
  RunFixture fixture;
  Declared wrong;
  wrong.verify =
      "{source: 'select a, b, lower(v) from source e where $range:e$', "
      "copy: 'select a, b, v from copy c where $range:c$'}";
  write_declared(fixture, wrong, 4000);
  fixture.online.batch_time = std::chrono::milliseconds(180);  // less than the pauses between the looks
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("source and copy differ"));
  const std::vector<BatchDone> batches = fixture.events_of<BatchDone>();
  // Looking for the rows is work, which makes them smaller on a busy machine, but never one row each.
  CHECK(std::count_if(batches.begin(), batches.end(), [](const BatchDone& one) { return one.verifies; }) <
        1000);
}

TEST_CASE("A worker for whom there is no connection is done without", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  const std::string owner = fixture.database.owner_url();  // the limit is not for superusers
  fixture.upgrade(1, owner);
  fixture.on_event = [&](const Event& event) {
    if (!std::holds_alternative<BatchDone>(event) || fixture.events_of<BatchDone>().size() != 1) return;
    const std::string connections = fixture.text("select count(*) from pg_stat_activity where usename = '" +
                                                 fixture.database.owner() + "'");
    fixture.database.exec("alter role \"" + fixture.database.owner() + "\" connection limit " + connections);
    fixture.database.exec("insert into dbtool.control (version, workers) values (2, 3)");
  };
  CHECK(fixture.upgrade(2, owner) == 2);
  CHECK(fixture.was_told("no connection for another one"));
  CHECK(differences(fixture) == "0");
}

TEST_CASE("The answer to the COMMIT of one of two workers is lost", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.upgrade(1);
  fixture.online.workers = 2;
  Proxy proxy(fixture.database.url());
  std::atomic<int> commits{0};
  const int which = GENERATE(range(3, 15));
  const Proxy::Fate fate = GENERATE(Proxy::Fate::drop, Proxy::Fate::lose_answer);
  proxy.on_request([&](std::string_view bytes) {
    return holds_statement(bytes, "commit") && ++commits == which ? fate : Proxy::Fate::pass;
  });
  CHECK(fixture.upgrade(2, proxy.url()) == 2);
  CHECK(proxy.cuts() == 1);
  CHECK(differences(fixture) == "0");
  CHECK(fixture.text("select count(*) from dbtool.online") == "0");
}

TEST_CASE("A worker's backend is ended: it comes back", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  fixture.online.workers = 2;
  std::atomic<bool> ended = false;
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && !ended.exchange(true)) {
      fixture.database.exec(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
          "and pid <> pg_backend_pid() and application_name = 'dbtool' and query ilike '%checkpoints%'");
    }
  };
  CHECK(fixture.upgrade(2) == 2);
  CHECK(differences(fixture) == "0");
}

TEST_CASE("Wishes of another terminal are heeded while it runs", "[online]") {
  RunFixture fixture;
  write_declared(fixture);
  std::jthread other;
  fixture.on_event = [&](const Event& event) {
    if (std::holds_alternative<BatchDone>(event) && fixture.events_of<BatchDone>().size() == 1 &&
        !other.joinable()) {
      fixture.database.exec(
          "insert into dbtool.control (version, paused, paused_by) values (2, true, 'ana')");
      other = std::jthread([&] {
        while (fixture.text("select note from dbtool.online") != "paused by ana")
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        fixture.database.exec("update dbtool.control set paused = false, workers = 3");
      });
    }
  };
  // Slow enough that the pause comes before the end.
  Declared slow;
  slow.batch =
      "insert into copy (a, b, v) select a, b, upper(v) from source e, lateral (select pg_sleep(0.0002) "
      "where e.b > 0) s "
      "where $range:e$ for update of e on conflict (a, b) do nothing";
  write_declared(fixture, slow);
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.was_told("paused by ana"));
  CHECK(differences(fixture) == "0");
  int most = 0;
  for (const BatchDone& batch : fixture.events_of<BatchDone>()) most = std::max(most, batch.workers);
  CHECK(most == 3);
}
