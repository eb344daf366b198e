#include "window/recorder.h"

#include <cmath>

#include "test/support/catch.h"

namespace dbtool {

namespace {

window::Sample sample_at(double seconds, std::int64_t wal_bytes) {
  window::Sample sample;
  sample.seconds = seconds;
  sample.wal_bytes = wal_bytes;
  return sample;
}

}  // namespace

TEST_CASE("a step's curve keeps its shape and its end in 300 points", "[window]") {
  window::Recorder recorder(Direction::upgrade, 7, "script");
  for (int look = 1; look <= 100000; ++look)
    recorder.add(sample_at(look, look < 50000 ? look : 3 * look - 100000));
  const StepCost cost = recorder.finish(sample_at(100001, 200500));
  CHECK(cost.version == 7);
  CHECK(cost.seconds == 100001);
  CHECK(cost.wal_bytes == 200500);
  CHECK(cost.curve.size() <= 300);
  CHECK(cost.curve.size() > 100);
  CHECK(cost.curve.back().seconds == 100001);
  CHECK(cost.curve.back().wal_bytes == 200500);
  CHECK(window::wal_at(cost.curve, 25000) == Approx(25000).margin(500));
  CHECK(window::wal_at(cost.curve, 75000) == Approx(125000).margin(1500));
}

TEST_CASE("what turns out to be another's is taken out of the curve", "[window]") {
  window::Recorder recorder(Direction::upgrade, 1, "script");
  recorder.add(sample_at(1, 100));
  recorder.add(sample_at(2, 900));
  recorder.add(sample_at(3, 300));
  const StepCost cost = recorder.finish(sample_at(4, 400));
  REQUIRE(cost.curve.size() == 3);
  CHECK(cost.curve[1].wal_bytes == 300);
  CHECK(window::wal_at(cost.curve, 2) == 200);
}

TEST_CASE("a curve is not bent by other programs that take the processor for a while", "[window]") {
  // A byte each millisecond of its own; from the 2nd to the 6th second it gets a quarter of the processor.
  window::Recorder recorder(Direction::upgrade, 1, "script");
  double queued = 0, own = 0;
  for (int look = 1; look <= 100; ++look) {
    const bool beside = look > 20 && look <= 60;
    queued += beside ? 0.075 : 0;
    own += beside ? 0.025 : 0.1;
    window::Sample sample = sample_at(0.1 * look, std::llround(1000 * own));
    sample.queued_seconds = queued;
    sample.statement = look < 60 ? "insert into a select 1" : "update a set b = 2";
    recorder.add(sample);
  }
  const StepCost cost = recorder.finish(sample_at(10, 7000));
  CHECK(cost.seconds == 10);
  for (const double share : {0.1, 0.3, 0.5, 0.9})
    CHECK(window::wal_at(cost.curve, 10 * share) == Approx(7000 * share).margin(80));
  REQUIRE(cost.phases.size() == 2);
  CHECK(cost.phases[1].began == Approx(10.0 * 3 / 7).margin(0.1));
  CHECK(cost.phases[1].wal_bytes == Approx(4000).margin(80));
}

TEST_CASE("a curve from which waits for a processor are taken never goes back", "[window]") {
  window::Recorder recorder(Direction::upgrade, 1, "script");
  double seconds = 0, queued = 0;
  for (int look = 1; look <= 5000; ++look) {
    const double passed = 0.05 + 0.0007 * (look % 13);
    seconds += passed;
    if (look / 7 % 3 == 1) queued += passed * (look % 5 == 0 ? 1.01 : 1);  // all of it, or seemingly more
    window::Sample sample = sample_at(seconds, 10 * look);
    sample.queued_seconds = queued;
    recorder.add(sample);
  }
  const StepCost cost = recorder.finish(sample_at(seconds + 0.02, 50001));
  CHECK(cost.curve.size() > 100);
  for (std::size_t at = 1; at < cost.curve.size(); ++at)
    REQUIRE(cost.curve[at].seconds >= cost.curve[at - 1].seconds);
}

TEST_CASE("a wait for a processor that is counted when it is over counts from when it began", "[window]") {
  // A byte each millisecond of its own, and from 1 s to 2 s a wait of which looks see nothing before its end.
  window::Recorder recorder(Direction::upgrade, 1, "script");
  for (int look = 1; look <= 50; ++look) {
    const double seconds = 0.1 * look;
    const double own = look <= 10 ? seconds : look <= 20 ? 1 : seconds - 1;
    window::Sample sample = sample_at(seconds, std::llround(1000 * own));
    sample.queued_seconds = look <= 20 ? 0 : 1;
    recorder.add(sample);
  }
  const StepCost cost = recorder.finish(sample_at(5, 4000));
  for (const double share : {0.1, 0.2, 0.3, 0.5, 0.9})
    CHECK(window::wal_at(cost.curve, 5 * share) == Approx(4000 * share).margin(130));
}

TEST_CASE("a curve is left as it is where a look did not tell what was waited for a processor", "[window]") {
  window::Recorder recorder(Direction::upgrade, 1, "script");
  for (int look = 1; look <= 4; ++look) {
    window::Sample sample = sample_at(look, 100 * look);
    if (look != 3) sample.queued_seconds = 0.2 * look * look;
    recorder.add(sample);
  }
  const StepCost cost = recorder.finish(sample_at(5, 500));
  CHECK(window::wal_at(cost.curve, 2) == 200);
  CHECK(window::wal_at(cost.curve, 4) == 400);
}

TEST_CASE("a step without a look has its end", "[window]") {
  const StepCost cost = window::Recorder(Direction::downgrade, 2, "methods only").finish(sample_at(0.01, 77));
  REQUIRE(cost.curve.size() == 1);
  CHECK(cost.curve[0].seconds == 0.01);
  CHECK(cost.wal_bytes == 77);
  CHECK(cost.waits.empty());
}

TEST_CASE("notices and statements part a step into phases of their own kind", "[window]") {
  window::Recorder recorder(Direction::upgrade, 1, "script");
  window::Sample sample = sample_at(1, 100);
  sample.statement = "insert into a\n  select 1";
  recorder.add(sample);
  recorder.notice(1.5, "copying");
  sample = sample_at(2, 200);
  sample.statement = "insert into a\n  select 1";
  recorder.add(sample);
  sample = sample_at(3, 300);
  sample.statement = "create index i on a (n)";
  recorder.add(sample);
  recorder.notice(4, "indexing");
  const StepCost cost = recorder.finish(sample_at(5, 500));
  REQUIRE(cost.phases.size() == 4);
  CHECK(cost.phases[0].kind == "statement");
  CHECK(cost.phases[0].name == "insert into a select 1");
  CHECK(cost.phases[0].seconds == 2);
  CHECK(cost.phases[0].wal_bytes == 200);
  CHECK(cost.phases[1].kind == "notice");
  CHECK(cost.phases[1].name == "copying");
  CHECK(cost.phases[1].seconds == 2.5);
  CHECK(cost.phases[1].wal_bytes == 250);
  CHECK(cost.phases[2].seconds == 2);
  CHECK(cost.phases[3].seconds == 1);
}

TEST_CASE("phases are named after what the script says", "[window]") {
  CHECK(window::phase_name("do $dbtool$begin\n  raise notice 'x';\nend$dbtool$") ==
        "begin raise notice 'x'; end$dbtool$");
  CHECK(window::phase_name("insert into a\n  select 1") == "insert into a select 1");
  CHECK(window::phase_name("commit").empty());
  CHECK(window::phase_name("insert into dbtool.steps (run, version) values ($1, $2)").empty());
  CHECK(window::phase_name(std::string(500, 'x')).size() < 130);
  CHECK(window::phase_name("").empty());
}

TEST_CASE("locks count from when they were seen until they were let go", "[window]") {
  window::Recorder recorder(Direction::upgrade, 1, "script");
  window::Sample sample = sample_at(1, 0);
  sample.locks = {{"a", "AccessExclusiveLock"}};
  sample.waiting = 3;
  sample.wait = "IO:DataFileRead";
  recorder.add(sample);
  sample.seconds = 2;
  sample.locks.push_back({"b", "ShareLock"});
  sample.waiting = 1;
  recorder.add(sample);
  sample.seconds = 3;
  sample.locks.erase(sample.locks.begin());
  sample.wait.clear();
  recorder.add(sample);
  const StepCost cost = recorder.finish(sample_at(10, 0));
  REQUIRE(cost.locks.size() == 2);
  CHECK(cost.locks[0].table == "a");
  CHECK(cost.locks[0].began == 1);
  CHECK(cost.locks[0].seconds == 2);
  CHECK(cost.locks[0].waited_for == 3);
  CHECK(cost.locks[1].table == "b");
  CHECK(cost.locks[1].seconds == 8);
  CHECK(cost.locks[1].waited_for == 1);
  CHECK(cost.waits.at("IO:DataFileRead") == Approx(2.0 / 3));
  CHECK(cost.waits.at("CPU") == Approx(1.0 / 3));
}

}  // namespace dbtool
