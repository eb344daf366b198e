#include "cli/progress.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::cli;
using namespace std::chrono_literals;

namespace {

/// A progress that writes into a text, on a clock of its own.
struct Told {
  SimulatedClock clock;
  std::string text;
  Progress progress;

  explicit Told(ProgressMode mode, bool verbose = false, std::size_t columns = 200)
      : progress(mode, verbose, Style(false), clock,
                 {[this](std::string_view part) { text += part; }, [columns] { return columns; }}) {}

  std::size_t lines() const { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }
  std::string take() { return std::exchange(text, ""); }
};

const RunStarted run{Direction::upgrade, 18, 20, 2};
const StepStarted step{Direction::upgrade, 20, "queue tasks", "online"};

BatchDone batch(std::int64_t done) {
  BatchDone event;
  event.direction = Direction::upgrade;
  event.version = 20;
  event.rows = 100;
  event.rows_done = done;
  event.rows_total = 1000;
  event.rows_per_second = 50;
  event.duration = 2s;
  return event;
}

}  // namespace

TEST_CASE("plain progress: at most one line every 10 s, warnings at once", "[cli]") {
  Told told(ProgressMode::plain);
  told.progress.observe(run);
  CHECK(told.lines() == 1);
  told.progress.observe(step);
  for (int i = 1; i <= 5; ++i) {
    told.clock.advance(1s);
    told.progress.observe(batch(i * 10));
    told.progress.tick();
  }
  CHECK(told.lines() == 1);
  told.progress.observe(Message{Message::Level::warning, "look here"});
  CHECK(told.lines() == 2);
  CHECK(told.take().find("warning: look here") != std::string::npos);
  told.clock.advance(5s);
  told.progress.tick();
  const std::string line = told.take();
  CHECK(line.find("version 20, 10 s, 50 of ~1000 rows, 50 rows/s, left 19 s · queue tasks") !=
        std::string::npos);
  told.progress.tick();
  CHECK(told.text.empty());
}

TEST_CASE("the live line has a bar, stays within the terminal and is cleared", "[cli]") {
  Told told(ProgressMode::live, false, 60);
  told.progress.observe(run);
  told.progress.observe(step);
  told.progress.observe(batch(500));
  told.take();
  told.progress.observe(ScriptNotice{"NOTICE", "phase two\x1b[31m of the script"});
  const std::string drawn = told.take();
  CHECK(drawn.rfind("\r[█████░", 0) == 0);
  CHECK(drawn.find("25 %") != std::string::npos);
  CHECK(drawn.find("\x1b[31m") == std::string::npos);
  CHECK(told.lines() == 0);
  CHECK(drawn.find("…\x1b[K") != std::string::npos);
  told.progress.finish();
  CHECK(told.take() == "\r\x1b[K");
  told.progress.finish();
  CHECK(told.text.empty());
}

TEST_CASE("what is written above the live line does not garble it", "[cli]") {
  Told told(ProgressMode::live);
  told.progress.observe(run);
  told.take();
  told.progress.above([&] { told.text += "result\n"; });
  const std::string text = told.take();
  CHECK(text.rfind("\r\x1b[Kresult\n\r[", 0) == 0);
  told.progress.observe(Message{Message::Level::note, "said"});
  CHECK(told.take().rfind("\r\x1b[Knote: said\n\r[", 0) == 0);
}

TEST_CASE("quiet progress tells warnings only", "[cli]") {
  Told told(ProgressMode::quiet);
  told.progress.observe(run);
  told.progress.observe(Message{Message::Level::note, "n"});
  CHECK(told.text.empty());
  told.progress.observe(ScriptNotice{"WARNING", "w"});
  CHECK(told.take() == "warning: w\n");
}

TEST_CASE("JSON progress: one object a line, batches thinned", "[cli]") {
  Told told(ProgressMode::json);
  told.progress.observe(run);
  CHECK(told.take() ==
        "{\"event\":\"run_started\",\"direction\":\"upgrade\",\"from\":18,\"goal\":20,\"steps\":2,"
        "\"time\":\"1970-01-01T00:00:00Z\"}\n");
  for (int i = 0; i < 100; ++i) {
    told.progress.observe(batch(i));
    told.clock.advance(1s);
  }
  CHECK(told.lines() == 10);
  told.take();
  Blocker blocker;
  blocker.pid = 4711;
  told.progress.observe(LockRetry{20, 1, 30, "lock timeout", 200ms, {blocker}});
  CHECK(told.text.find("\"blockers\":[{\"pid\":4711") != std::string::npos);
}

TEST_CASE("a wait for locks names who is in the way", "[cli]") {
  Blocker blocker;
  blocker.pid = 4711;
  blocker.user = "ci_queue";
  blocker.application = "queue-web";
  blocker.state = "idle in transaction";
  blocker.query = "select *\n from tasks";
  blocker.query_age = 42s;
  CHECK(event_line(LockRetry{20, 3, 30, "tasks is locked", 1500ms, {blocker}}) ==
        "version 20 waits for locks, try 3 of 30: tasks is locked; blocked by pid 4711 (ci_queue, queue-web) "
        "idle in "
        "transaction for 42 s: select *  from tasks; next try in 1.5 s");
}

TEST_CASE("every event has a line for people", "[cli]") {
  CHECK(event_line(run) == "upgrade from 18 to 20, 2 steps");
  CHECK(event_line(step) == "version 20 begins: queue tasks (online)");
  CHECK(event_line(StepDone{Direction::downgrade, 20, 19, 3200ms}) ==
        "downgrade from version 20 done in 3.2 s, database is at 19");
  CHECK(event_line(StatementDone{21, 2, 3, "create index concurrently a on b (c)"}) ==
        "version 21, statement 2 of 3 done: create index concurrently a on b (c)");
  CHECK(people_count(9'999) == "9999");
  CHECK(people_count(11'234'567) == "11.2 M");
}
