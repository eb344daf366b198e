#include "online/supply.h"

#include "online/orders.h"
#include "test/support/catch.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

using namespace std::chrono_literals;
using namespace dbtool;
using namespace dbtool::online;

namespace {

/// A range that needs so many batches; none of them asks a database.
class CountedLane final : public Lane {
 public:
  CountedLane(int range, int batches) : Lane(1, {range, std::nullopt, std::nullopt, {}}), left_(batches) {
    pending().done = batches == 0;
    advance(1);
  }
  std::vector<pg::Statement> statements(int) override {
    pending() = record().last;
    pending().batch = record().last.batch + 1;
    pending().done = --left_ <= 0;
    return {};
  }
  BatchResult read(pg::Connection&, const std::vector<pg::Result>&) override { return {}; }

 private:
  int left_;
};

std::vector<std::unique_ptr<Lane>> lanes(const std::vector<int>& batches) {
  std::vector<std::unique_ptr<Lane>> made;
  for (const int count : batches)
    made.push_back(std::make_unique<CountedLane>(static_cast<int>(made.size()) + 1, count));
  return made;
}

void finish(Lane& lane) {
  while (!lane.done()) {
    lane.statements(1);
    lane.advance(1);
  }
}

}  // namespace

TEST_CASE("Lanes are taken in the order of their keys, those at their end are left out", "[online]") {
  Supply supply(lanes({1, 0, 2}), 4);
  const auto first = supply.take();
  const auto second = supply.take();
  REQUIRE((first && second));
  CHECK(first->record().range == 1);
  CHECK(second->record().range == 3);
  CHECK_FALSE(supply.take());
}

TEST_CASE("A pass is done when no lane is left, and nobody holds one", "[online]") {
  Supply supply(lanes({1, 1}), 3);
  auto first = supply.take();
  auto second = supply.take();
  CHECK_FALSE(supply.is_done());
  CHECK_FALSE(supply.wait_done(1ms));
  finish(*first);
  supply.bring_back(std::move(first));
  CHECK_FALSE(supply.is_done());
  SECTION("one that comes back in the midst is to be taken again") {
    supply.bring_back(std::move(second));
    CHECK_FALSE(supply.is_done());
    second = supply.take();
    REQUIRE(second);
    CHECK(second->record().range == 2);
  }
  finish(*second);
  supply.bring_back(std::move(second));
  CHECK(supply.is_done());
  CHECK(supply.wait_done(1h));
}

TEST_CASE("Who finds nothing makes the others cut theirs, once", "[online]") {
  Supply supply(lanes({5}), 2);
  auto lane = supply.take();
  CHECK_FALSE(supply.is_wanting());
  CHECK_FALSE(supply.take());
  CHECK(supply.is_wanting());
  CHECK(supply.new_range() == 2);
  CHECK(supply.new_range() == 3);
  lane->cut_at({"500"});
  CHECK(lane->record().high == KeyValue{"500"});
  supply.add(std::make_unique<CountedLane>(2, 5));
  CHECK_FALSE(supply.is_wanting());
  const auto part = supply.take();
  REQUIRE(part);
  CHECK(part->record().range == 2);
}

TEST_CASE("With nobody at work nothing is wanted: the pass is over", "[online]") {
  Supply supply(lanes({}), 1);
  CHECK_FALSE(supply.take());
  CHECK_FALSE(supply.is_wanting());
  CHECK(supply.is_done());
}

TEST_CASE("Several threads handle every lane to its end, each one at a time", "[online]") {
  constexpr int count = 200;
  Supply supply(lanes(std::vector<int>(count, 3)), count + 1);
  std::mutex mutex;
  std::multiset<int> finished;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&] {
        while (!supply.is_done()) {
          auto lane = supply.take();
          if (!lane) {
            std::this_thread::yield();
            continue;
          }
          lane->statements(1);
          lane->advance(1);
          if (lane->done()) {
            const std::lock_guard lock(mutex);
            finished.insert(lane->record().range);
          }
          supply.bring_back(std::move(lane));
        }
      });
    }
  }
  CHECK(finished.size() == count);
  CHECK(std::set<int>(finished.begin(), finished.end()).size() == count);
}

TEST_CASE("Orders: the last workers stand still first, a pause or a stop all of them", "[online]") {
  Orders orders;
  orders.wish({.workers = 2});
  CHECK(orders.may_work(0));
  CHECK(orders.may_work(1));
  CHECK_FALSE(orders.may_work(2));
  orders.wish({.workers = 2, .paused = true});
  CHECK_FALSE(orders.may_work(0));
  orders.wish({.workers = 1});
  CHECK(orders.may_work(0));
  CHECK_FALSE(orders.may_work(1));
  orders.wish({.workers = 0});
  CHECK_FALSE(orders.may_work(0));
  orders.wish({.workers = 3, .batch_time = 20ms, .pause = 10ms});
  CHECK(orders.wished() == Orders::Wish{3, 20ms, 10ms, false});
  orders.stop();
  CHECK(orders.is_stopped());
  CHECK_FALSE(orders.may_work(0));
}

TEST_CASE("A worker that waits is woken by a change, and by a stop", "[online]") {
  Orders orders;
  orders.wish({.workers = 0});
  std::atomic<bool> works = false;
  std::jthread worker([&] {
    while (!orders.may_work(0) && !orders.is_stopped()) orders.wait(1min);
    works = orders.may_work(0);
  });
  SECTION("change") {
    orders.wish({.workers = 1});
    // Had it just looked when the change came, it sleeps on: the next one wakes it.
    for (int change = 1; !works; ++change) {
      orders.wish({.workers = 1, .pause = std::chrono::milliseconds(change % 2)});
      std::this_thread::sleep_for(1ms);
    }
    CHECK(works);
  }
  SECTION("stop") {
    orders.stop();
    worker.join();
    CHECK_FALSE(works);
  }
}

TEST_CASE("Where a lane stands is believed of the connection that saw it", "[online]") {
  CountedLane lane(1, 5);
  lane.advance(7);
  CHECK(lane.is_seen_by(7));
  CHECK_FALSE(lane.is_seen_by(8));
}
