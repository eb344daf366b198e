#include "window/conversion.h"

#include <algorithm>

#include "test/support/catch.h"

using namespace dbtool;
using window::Conversion;

namespace {

Environment environment(std::vector<Measure> measures) {
  Environment one;
  one.server_version = 150018;
  one.settings = {{"fsync", "on"}};
  one.measures = std::move(measures);
  return one;
}

Measure commits(std::vector<double> values) {
  return {Work::commit, "ms a commit", std::move(values)};
}

Conversion conversion(Work work, const Environment& there, const Environment& here) {
  const auto all = window::conversions(there, here);
  CHECK(all.size() == 6);
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Conversion& one) { return one.work == work; });
  REQUIRE(found != all.end());
  return *found;
}

}  // namespace

TEST_CASE("A conversion is the range of ratios of what lies in the middle", "[window]") {
  const Environment there = environment({commits({1.0, 1.1, 1.2, 1.0, 9.0})});
  const Environment here = environment({commits({2.0, 2.2, 2.4, 0.1, 2.1})});
  const Conversion found = conversion(Work::commit, there, here);
  CHECK(found.reason.empty());
  CHECK(found.low == Approx(2.0 / 1.2));
  CHECK(found.high == Approx(2.2 / 1.0));
  const Conversion back = conversion(Work::commit, here, there);
  CHECK(back.low == Approx(1 / found.high));
  CHECK(back.high == Approx(1 / found.low));
  const Conversion same = conversion(Work::commit, there, there);
  CHECK(same.low <= 1);
  CHECK(same.high >= 1);
}

TEST_CASE("Kinds of CPU work span one range, and other units are not compared", "[window]") {
  const Environment there = environment({{Work::cpu, "loop", {10, 10, 10}}, {Work::cpu, "set", {4, 4, 4}}});
  const Environment here = environment({{Work::cpu, "loop", {15, 15, 15}}, {Work::cpu, "set", {12, 12, 12}}});
  const Conversion found = conversion(Work::cpu, there, here);
  CHECK(found.low == Approx(1.5));
  CHECK(found.high == Approx(3));
  const Environment other = environment({{Work::cpu, "leap", {15, 15, 15}}});
  CHECK_THAT(conversion(Work::cpu, there, other).reason, Catch::Contains("other units"));
}

TEST_CASE("What cannot be compared has a reason instead of a number", "[window]") {
  const Environment good = environment({commits({1, 1, 1}), {Work::cpu, "loop", {1, 1, 1}}});
  CHECK(conversion(Work::commit, environment({}), good).reason == "no benchmark was run there");
  CHECK(conversion(Work::commit, good, environment({})).reason == "no benchmark was run here");
  CHECK(conversion(Work::write, good, good).reason == "not measured there");
  CHECK_THAT(conversion(Work::scan_cold, good, good).reason, Catch::Contains("outside shared_buffers"));
  CHECK_THAT(conversion(Work::commit, good, environment({commits({1, 1})})).reason,
             Catch::Contains("too few repetitions here: 2"));
  CHECK_THAT(conversion(Work::commit, environment({commits({1, 5, 9, 30, 31})}), good).reason,
             Catch::Contains("there are too scattered"));
  CHECK_THAT(conversion(Work::commit, good, environment({commits({0, 1, 1})})).reason,
             Catch::Contains("took no time"));
}

TEST_CASE("A server that does not wait for its disk is compared for neither commits nor writes", "[window]") {
  const Environment there = environment({commits({1, 1, 1}), {Work::cpu, "loop", {1, 1, 1}}});
  Environment here = there;
  here.settings["fsync"] = "off";
  CHECK(conversion(Work::commit, there, here).reason == "fsync is off here");
  CHECK(conversion(Work::write, here, there).reason == "fsync is off there");
  CHECK(conversion(Work::cpu, there, here).reason.empty());
  // The same everywhere: what a commit costs is what was measured.
  CHECK(conversion(Work::commit, here, here).reason.empty());
}

TEST_CASE("Another major executes otherwise, and reads and commits the same", "[window]") {
  const Environment there = environment({commits({1, 1, 1}), {Work::cpu, "loop", {1, 1, 1}}});
  Environment here = there;
  here.server_version = 170002;
  CHECK(conversion(Work::cpu, there, here).reason == "PostgreSQL 15 there, 17 here");
  CHECK(conversion(Work::commit, there, here).reason.empty());
  here.server_version = 150002;
  CHECK(conversion(Work::cpu, there, here).reason.empty());
}

TEST_CASE("On the same server every kind of work is comparable without a measurement", "[window]") {
  const auto same = window::conversions_on_same_server();
  CHECK(same.size() == window::conversions({}, {}).size());
  for (const Conversion& one : same) {
    CHECK(one.reason.empty());
    CHECK(one.low < 1);
    CHECK(one.high > 1);
  }
}
