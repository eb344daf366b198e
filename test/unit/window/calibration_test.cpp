#include "window/calibration.h"

#include "test/support/catch.h"
#include "window/downtime.h"

using namespace dbtool::window;

TEST_CASE("Forecasts are judged by how long steps took", "[window]") {
  CHECK(calibrate({}).steps == 0);
  CHECK_FALSE(calibrate({}).median_error);
  // 100 for 80, 10 for 10, 30 for 60.
  const Calibration three = calibrate({{90, 110, 80}, {9, 11, 10}, {20, 40, 60}});
  CHECK(three.steps == 3);
  CHECK(three.inside == 1);
  CHECK(three.median_error == Approx(0.25));
  CHECK(calibrate({{90, 110, 80}, {20, 40, 60}}).median_error == Approx(0.375));
}

TEST_CASE("Steps too short to matter are not judged", "[window]") {
  CHECK(calibrate({{0.001, 0.3, 0.9}}).steps == 0);
  CHECK(calibrate({{0.001, 0.3, 1.1}}).steps == 1);
  CHECK(calibrate({{0.001, 3, 0.1}}).steps == 1);
}

TEST_CASE("A step that was turned back counts when it was past its forecast", "[window]") {
  const Calibration past = calibrate({{10, 20, 30, false}});
  CHECK(past.steps == 1);
  CHECK(past.inside == 0);
  CHECK_FALSE(past.median_error);
  CHECK(calibrate({{10, 20, 15, false}}).steps == 0);
}

TEST_CASE("Time without a table is counted once, however many locks there are", "[window]") {
  const std::vector<Closure> closures{{"tasks", 10, 5, false}, {"tasks", 12, 2, true},
                                      {"tasks", 14, 3, false}, {"tasks", 30, 1, false},
                                      {"hooks", 11, 1, true},  {"hooks", 29, 4, false}};
  const auto tables = downtime_by_table(closures);
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].table == "tasks");
  CHECK(tables[0].not_writable == Approx(8));
  CHECK(tables[0].not_readable == Approx(2));
  CHECK(tables[1].not_writable == Approx(5));
  CHECK(tables[1].not_readable == Approx(1));
  CHECK(downtime(closures) == Approx(11));
  CHECK(downtime({}) == 0);
  CHECK(downtime_by_table({}).empty());
}
