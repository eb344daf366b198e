#include "lint/shared_map.h"

#include <map>
#include <random>

#include "test/support/catch.h"

using namespace dbtool;

namespace {

using Map = lint::SharedMap<int>;
using Model = std::map<std::string, int>;

Model contents(const Map& map) {
  Model found;
  std::string last;
  for (const auto& [key, value] : map) {
    CHECK((found.empty() || last < key));
    last = key;
    found.emplace(key, value);
  }
  return found;
}

std::vector<std::string> unlike(const Map& one, const Map& other) {
  std::vector<std::string> keys;
  one.for_each_unlike(other, [&](const auto& entry) { keys.push_back(entry.first); });
  return keys;
}

}  // namespace

TEST_CASE("A copy of a shared map goes its own way", "[lint]") {
  Map map;
  CHECK(map.begin() == map.end());
  CHECK(map.find("a") == nullptr);
  map.set("b", 2);
  map.set("a", 1);
  const int* before = map.find("a");
  Map copy = map;
  copy.set("a", 10);
  copy.change("c") += 3;
  copy.erase("b");
  copy.erase("nothing");
  CHECK(contents(map) == Model{{"a", 1}, {"b", 2}});
  CHECK(contents(copy) == Model{{"a", 10}, {"c", 3}});
  CHECK(map.find("a") == before);
  CHECK(unlike(map, copy) == std::vector<std::string>{"a", "b"});
  CHECK(unlike(copy, map) == std::vector<std::string>{"a", "c"});
  copy.rename("a", "d");
  copy.rename("nothing", "e");
  CHECK(contents(copy) == Model{{"c", 3}, {"d", 10}});
  copy.rename("c", "d");
  CHECK(contents(copy) == Model{{"d", 10}});
  map.erase_if([](int value) { return value == 2; });
  CHECK(contents(map) == Model{{"a", 1}});
}

TEST_CASE("A shared map holds what a map would, and knows what two copies differ in", "[lint]") {
  std::mt19937 random(GENERATE(1U, 2U, 3U));
  const auto any = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  std::vector<std::pair<Map, Model>> versions(1);
  for (int step = 0; step < 400; ++step) {
    auto [map, model] = versions[static_cast<std::size_t>(any(static_cast<int>(versions.size())))];
    for (int change = any(6); change >= 0; --change) {
      const std::string key = "key " + std::to_string(any(60));
      if (any(3) == 0) {
        map.erase(key);
        model.erase(key);
      } else {
        map.set(key, step);
        model[key] = step;
      }
    }
    REQUIRE(contents(map) == model);
    for (const auto& [key, value] : model) REQUIRE(*map.find(key) == value);
    versions.emplace_back(std::move(map), std::move(model));
  }
  for (int pair = 0; pair < 400; ++pair) {
    const auto& [one, of_one] = versions[static_cast<std::size_t>(any(static_cast<int>(versions.size())))];
    const auto& [other, of_other] =
        versions[static_cast<std::size_t>(any(static_cast<int>(versions.size())))];
    const std::vector<std::string> found = unlike(one, other);
    REQUIRE(std::is_sorted(found.begin(), found.end()));
    for (const auto& [key, value] : of_one) {
      const auto there = of_other.find(key);
      const bool differs = there == of_other.end() || there->second != value;
      // What two copies were given on their own counts as different, even if it is the same.
      const bool told = std::binary_search(found.begin(), found.end(), key);
      if (differs) REQUIRE(told);
      if (told) REQUIRE(one.find(key) != other.find(key));
    }
  }
}
