#include "window/marker.h"

#include <vector>

#include "test/support/catch.h"

using namespace dbtool::window;

TEST_CASE("An application_name tells how much is done, or is none that does", "[window][marker]") {
  CHECK(marked_share("progress 37 %").value() == Approx(0.37));
  CHECK(marked_share("progress 37.5%").value() == Approx(0.375));
  CHECK(marked_share("dbtool progress 370000/1000000").value() == Approx(0.37));
  CHECK(marked_share("progress 1 / 4").value() == Approx(0.25));
  CHECK(marked_share("progress 5/4").value() == 1);
  CHECK(marked_share("progress 0/4").value() == 0);
  for (const char* none :
       {"", "dbtool", "progress", "progress ", "progress 5", "progress 5/0", "progress 5/", "progress -5 %",
        "progress x/4", "progress 1/4 of it", "deploy 3/4", "50 %", "progress nan %", "progress inf/2"})
    CHECK_FALSE(marked_share(none));
}

TEST_CASE("A step that says how much is done is forecast by that", "[window][marker]") {
  Marker marker;
  CHECK_FALSE(marker.left());
  marker.add(1, std::nullopt);
  CHECK_FALSE(marker.share());
  for (int second = 1; second <= 30; ++second) marker.add(second, second / 100.0);
  CHECK(marker.share().value() == Approx(0.3));
  const Forecast left = marker.left().value();
  CHECK(left.trust == Trust::measured);
  CHECK(left.range.low < 70);
  CHECK(left.range.high > 70);
  CHECK(left.range.low > 45);
  CHECK(left.range.high < 110);
  CHECK(left.source.find("30 %") != std::string::npos);
}

TEST_CASE("A step that becomes slower, or stands still, has more left", "[window][marker]") {
  Marker steady, slower;
  for (int second = 1; second <= 400; ++second) {
    steady.add(second, second / 1000.0);
    slower.add(second, second <= 200 ? second / 1000.0 : 0.2 + (second - 200) / 4000.0);
  }
  CHECK(slower.left()->range.high > 2 * steady.left()->range.high);
  CHECK(slower.left()->range.high > 3000);  // 0.75 of it, at a quarter of the pace
  const double before = steady.left()->range.high;
  for (int second = 401; second <= 800; ++second) steady.add(second, 0.4);
  CHECK(steady.left()->range.high > 1.5 * before);
}

TEST_CASE("What falls back is not about the whole", "[window][marker]") {
  Marker marker;
  for (int second = 1; second <= 10; ++second) marker.add(second, second / 10.0);
  CHECK(marker.left()->range.low > 0);  // it is not over
  marker.add(11, 0.1);
  CHECK_FALSE(marker.left());
  CHECK_FALSE(marker.share());
  marker.add(12, 0.99);
  CHECK_FALSE(marker.left());
}
