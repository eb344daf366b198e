#include "online/staffing.h"

#include "online/throttle/reaction.h"
#include "test/support/catch.h"

#include <algorithm>
#include <functional>

using namespace std::chrono_literals;
using dbtool::SimulatedClock;
using dbtool::online::Limits;
using dbtool::online::Observation;
using dbtool::online::Reaction;
using dbtool::online::Reading;
using dbtool::online::Staffing;

namespace {

/// A migration whose rate depends on the number of workers, looked at every quarter of a second.
struct Simulated {
  SimulatedClock clock{};
  Staffing staffing{8};
  std::function<double(int)> rate;  ///< rows a second
  double rows = 0;
  int workers = 1;
  bool limited = false;

  int after(std::chrono::milliseconds time) {
    const auto until = clock.now() + time;
    while (clock.now() < until) {
      workers = staffing.observe(clock.now(), rows, limited);
      clock.advance(250ms);
      rows += rate(workers) / 4;
    }
    return workers;
  }
};

double grows_up_to_4(int workers) {
  return 1000.0 * std::min(workers, 4);
}

}  // namespace

TEST_CASE("Workers are added as long as each brings something", "[online]") {
  Simulated run{.rate = grows_up_to_4};
  CHECK(run.after(5s) == 1);
  CHECK(run.after(60s) == 4);
  // The fifth was tried, and has brought nothing: it is gone, and not tried again for a while.
  for (int second = 0; second < 50; ++second) CHECK(run.after(1s) == 4);
}

TEST_CASE("There are never more workers than may be", "[online]") {
  Simulated run{.rate = [](int workers) { return 1000.0 * workers; }};
  int most = 0;
  for (int second = 0; second < 300; ++second) most = std::max(most, run.after(1s));
  CHECK(most == 8);
  CHECK(run.workers == 8);
}

TEST_CASE("One more worker that brings nothing, or harms, is taken away", "[online]") {
  const double second = GENERATE(500.0, 1000.0, 1080.0);
  Simulated run{.rate = [second](int workers) { return workers == 1 ? 1000.0 : second; }};
  bool tried = false;
  for (int look = 0; look < 200 && !(tried && run.workers == 1); ++look) {
    run.after(250ms);
    tried = tried || run.workers == 2;
  }
  CHECK(tried);
  CHECK(run.workers == 1);
  for (int look = 0; look < 100; ++look) CHECK(run.after(1s) == 1);
  SECTION("and tried again later, for the load of a server changes") {
    run.rate = grows_up_to_4;
    CHECK(run.after(200s) > 1);
  }
}

TEST_CASE("While something limits the work nobody is tried, and who was on trial goes", "[online]") {
  Simulated run{.rate = grows_up_to_4};
  for (int look = 0; look < 100 && run.workers < 3; ++look) run.after(250ms);
  REQUIRE(run.workers == 3);  // two have proved themselves
  run.limited = true;
  CHECK(run.after(250ms) == 2);
  CHECK(run.after(60s) == 2);
  run.limited = false;
  CHECK(run.after(60s) == 4);
}

TEST_CASE("The throttle takes workers away before it makes batches shorter", "[online]") {
  Simulated run{.rate = grows_up_to_4};
  run.after(60s);
  REQUIRE(run.workers == 4);
  Reaction reaction;
  const Observation loaded{{{"lag", 2, "replica r2 lag 400 MB"}}, {}};
  Limits limits;
  int least = run.workers;
  for (int look = 0; look < 60; ++look) {
    limits = reaction.react(run.clock.now(), {run.workers, 50ms}, loaded);
    run.limited = !limits.reason.empty();
    run.after(500ms);
    if (limits.workers > 1) {
      CHECK(limits.batch_time == 50ms);
      CHECK(limits.pause == 0ms);
    }
    CHECK(limits.workers <= least);
    least = limits.workers;
    CHECK(run.workers == 4);  // what was proved stays known, for when it is calm again
  }
  CHECK(limits.workers == 1);
  CHECK(limits.batch_time < 50ms);
}
