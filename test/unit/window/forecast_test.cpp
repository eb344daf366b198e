#include "window/forecast.h"

#include <cmath>

#include "test/support/catch.h"
#include "test/unit/window/simulation.h"
#include "window/decision.h"
#include "window/pace_history.h"
#include "window/words.h"

using namespace dbtool;
using namespace dbtool::window;

namespace {

/// An insert that was rehearsed on so many rows in two hours.
Rehearsal rehearsal_of(std::int64_t rows) {
  StepCost cost;
  cost.direction = Direction::upgrade;
  cost.version = 20;
  cost.seconds = 7200;
  cost.wal_bytes = 600 * rows;
  cost.curve = {{0, 0}, {7200, cost.wal_bytes}};
  TableCost table;
  table.name = "queue_tasks_entities";
  table.rows_before = rows;
  table.bytes_before = 620 * rows;
  cost.tables = {table};
  Rehearsal rehearsal;
  rehearsal.made_at = "2026-11-20 10:00:00Z";
  rehearsal.source = "copy";
  rehearsal.steps = {cost};
  return rehearsal;
}

Scale scale_of(std::int64_t rows, double low, double high) {
  Scale scale;
  scale.rows = rows;
  for (const Work work :
       {Work::scan_warm, Work::scan_cold, Work::write, Work::index_build, Work::cpu, Work::commit})
    scale.conversions.push_back({work, low, high, ""});
  return scale;
}

Sample look_at(double seconds, std::int64_t wal_bytes) {
  Sample sample;
  sample.seconds = seconds;
  sample.wal_bytes = sample.wal_bytes_least = wal_bytes;
  return sample;
}

Look look(double elapsed, Trust trust, double low, double high) {
  Look look;
  look.window = 36000;
  look.elapsed = look.step = elapsed;
  look.turn_back = 60;
  look.left.trust = trust;
  look.left.range = {low, high};
  look.left.likely = (low + high) / 2;
  return look;
}

}  // namespace

TEST_CASE("a forecast before a step says where it comes from", "[window]") {
  const Rehearsal rehearsal = rehearsal_of(27'100'000);
  const Forecast same = forecast_before(&rehearsal, Direction::upgrade, 20, scale_of(27'100'000, 1.5, 2.1));
  CHECK(same.source == "rehearsed on 2026-11-20 on a copy of 27.1 M rows, converted by 1.5–2.1");
  CHECK(same.trust == Trust::measured);
  CHECK(same.range.low <= 1.5 * 7200);
  CHECK(same.range.high >= 2.1 * 7200);
  CHECK(same.range.high / same.range.low < 1.6);

  const Forecast more = forecast_before(&rehearsal, Direction::upgrade, 20, scale_of(54'200'000, 1, 1));
  CHECK(more.likely == Approx(14400));
  CHECK(more.source.find(", scaled to 54.2 M, converted by 1.0") != std::string::npos);

  for (const Rehearsal* none : {static_cast<const Rehearsal*>(nullptr), &rehearsal}) {
    const Forecast unknown = forecast_before(none, Direction::upgrade, 21, {});
    CHECK(unknown.trust == Trust::unknown);
    CHECK(unknown.source == "unknown: never rehearsed; do so with dbtool rehearse --on COPY");
  }
}

TEST_CASE("a forecast from far fewer rows, or from a server that cannot be compared, is not to be trusted",
          "[window]") {
  const Rehearsal small = rehearsal_of(40'000);
  const Forecast weak = forecast_before(&small, Direction::upgrade, 20, scale_of(27'000'000, 1, 1));
  CHECK(weak.trust == Trust::weak);
  CHECK(weak.source == "from 40,000 rows, 675 times smaller: not to be trusted");

  const Rehearsal rehearsal = rehearsal_of(27'100'000);
  Scale scale;
  scale.rows = 27'100'000;
  const Forecast apart = forecast_before(&rehearsal, Direction::upgrade, 20, scale);
  CHECK(apart.trust == Trust::weak);
  CHECK(apart.source.find("not converted: the two servers were not compared") != std::string::npos);
}

TEST_CASE("growth that was fitted is used", "[window]") {
  Rehearsal rehearsal = rehearsal_of(1'000'000);
  rehearsal.growth.push_back({Direction::upgrade, 20, 1.5, "worse than n log n"});
  CHECK(forecast_before(&rehearsal, Direction::upgrade, 20, scale_of(4'000'000, 1, 1)).likely ==
        Approx(8 * 7200));
}

TEST_CASE("a run that writes more than was rehearsed never is about to end for sure", "[window]") {
  const Rehearsal rehearsal = rehearsal_of(1'000'000);
  const Scale scale = scale_of(1'000'000, 1, 1);
  Estimator estimator(&rehearsal.steps.front(), forecast_before(&rehearsal, Direction::upgrade, 20, scale),
                      scale);
  double before = 0;
  for (int i = 1; i <= 300; ++i) {
    estimator.add(look_at(36.0 * i, 3'000'000L * i));
    if (i == 200 || i == 240 || i == 300) {
      const Forecast left = estimator.left();
      CHECK(left.range.low > 0);
      CHECK(left.range.high > before);
      before = left.range.high;
    }
  }
  CHECK(estimator.left().source.find("50 % more WAL than expected") != std::string::npos);
}

TEST_CASE("why a run is slow is said by its waits and its time a row", "[window]") {
  simulation::Setting setting;
  setting.slowness = 2;
  setting.converted_low = setting.converted_high = 1;
  simulation::Run run = simulation::simulate(setting, 5);
  Estimator estimator(&run.cost, run.before, run.scale);
  for (std::size_t i = 0; i < 300; ++i) {
    run.looks[i].wait = i % 5 == 0 ? "" : "IO:DataFileRead";
    estimator.add(run.looks[i]);
  }
  const std::vector<std::string> reasons = estimator.reasons();
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0] == "IO:DataFileRead 80 % of the time (rehearsed 12 %)");
  CHECK(reasons[1].find("µs/row (rehearsed ") != std::string::npos);
}

TEST_CASE("the pace of two days of looks is kept in few points", "[window]") {
  PaceHistory history;
  for (int second = 1; second <= 48 * 3600; ++second) history.add(second, second / 2.0);
  CHECK(history.size() <= 800);
  CHECK(history.position_at(100'000) == Approx(50'000).epsilon(0.01));
  CHECK(history.change().factor == Approx(1).epsilon(0.02));
}

TEST_CASE("a gust of seconds widens a forecast more than it moves it; what lasts moves it", "[window]") {
  const Rehearsal rehearsal = rehearsal_of(1'000'000);
  // The first quarter of a run as fast as was rehearsed on a copy, its last quarter half as fast.
  const auto forecast_after = [&](double seconds) {
    const Scale scale = scale_of(1'000'000, 1, 1);
    StepCost cost = rehearsal.steps.front();
    cost.seconds = 4 * seconds;
    cost.curve = {{0, 0}, {cost.seconds, cost.wal_bytes}};
    Forecast before;
    before.trust = Trust::measured;
    before.likely = cost.seconds;
    before.range = {0.8 * cost.seconds, 1.2 * cost.seconds};
    Estimator estimator(&cost, before, scale);
    double done = 0;
    for (int i = 1; i <= 100; ++i) {
      done += i <= 75 ? 1 : 0.5;
      estimator.add(look_at(seconds * i / 100, std::llround(done / 400 * 600e6)));
    }
    Forecast left = estimator.left();
    left.likely /= seconds;
    left.range.high /= seconds;
    return left;
  };
  // Of 400 parts 87.5 are done in 100: 357 more are to come at the pace of the whole, 625 at the last one.
  const Forecast gust = forecast_after(6);
  CHECK(gust.likely < 4.5);
  CHECK(gust.range.high > 6);
  CHECK(forecast_after(3600).likely > 5.5);
}

TEST_CASE("a step is turned back when even its optimistic end misses for a while", "[window]") {
  Judge judge;
  const double left = 30000;
  for (int i = 0; i < 7; ++i) {
    CHECK(judge.judge(look(6000 + 100.0 * i, Trust::measured, left + 5400, left + 27600)).verdict ==
          Verdict::doubtful);
  }
  // One look that fits begins the count anew.
  CHECK(judge.judge(look(6700, Trust::measured, 20000, 40000)).verdict == Verdict::doubtful);
  Judgement last;
  int looks = 0;
  do {
    last = judge.judge(look(6800 + 200.0 * looks++, Trust::measured, left + 5400, left + 27600));
  } while (last.verdict != Verdict::turn_back);
  CHECK(looks == 8);
  CHECK(last.reason == "needs 9 h 50 – 16 h more; 7 h 43 left");
  CHECK(last.latest_turn_back == Approx(36000 - 8200 - 60));
}

TEST_CASE("what cannot be relied upon turns a step back at the latest moment alone", "[window]") {
  for (const Trust trust : {Trust::unknown, Trust::weak}) {
    Judge judge;
    for (double elapsed = 100; elapsed < 35900; elapsed += 100)
      CHECK(judge.judge(look(elapsed, trust, 90000, 99000)).verdict != Verdict::turn_back);
    const Judgement latest = judge.judge(look(35945, trust, 90000, 99000));
    CHECK(latest.verdict == Verdict::turn_back);
    CHECK(latest.latest_turn_back < 0);
    CHECK(latest.reason.find("latest moment to turn back") != std::string::npos);
  }
  // What surely fits goes on even then.
  CHECK(Judge().judge(look(35945, Trust::measured, 5, 20)).verdict == Verdict::go_on);
  CHECK(Judge().judge(look(35945, Trust::measured, 5, 90)).verdict == Verdict::turn_back);
}

TEST_CASE("a step that is not expected to fit is not begun", "[window]") {
  const auto before = [](Trust trust, double low, double likely, double high) {
    Forecast forecast;
    forecast.trust = trust;
    forecast.range = {low, high};
    forecast.likely = likely;
    return judge_before(forecast, 3600, 600).verdict;
  };
  CHECK(before(Trust::measured, 1000, 2000, 2900) == Verdict::go_on);
  CHECK(before(Trust::measured, 2000, 2900, 3100) == Verdict::doubtful);
  CHECK(before(Trust::measured, 2000, 3100, 4000) == Verdict::turn_back);
  CHECK(before(Trust::weak, 20000, 31000, 40000) == Verdict::doubtful);
  CHECK(before(Trust::unknown, 0, 0, 0) == Verdict::doubtful);
  CHECK(judge_before({}, 500, 600).verdict == Verdict::turn_back);
}

TEST_CASE("times and numbers are told as coarsely as they deserve", "[window]") {
  CHECK(range_to_text({9660, 13750}) == "2 h 40 – 3 h 50");
  CHECK(range_to_text({35500, 57000}) == "9 h 50 – 16 h");
  CHECK(range_to_text({4.2, 8.9}) == "4 s – 9 s");
  CHECK(range_to_text({0, 0}) == "0 s");
  CHECK(span_to_text(30000) == "8 h 20");
  CHECK(span_to_text(200) == "3 min 20 s");
  CHECK(span_to_text(-5) == "0 s");
  CHECK(span_to_text(273600) == "3 d 4 h");
  CHECK(count_to_text(40'000) == "40,000");
  CHECK(count_to_text(27'100'000) == "27.1 M");
}
