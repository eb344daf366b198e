#include <algorithm>

#include "test/support/catch.h"
#include "window/conversion.h"

using namespace dbtool;
using window::Difference;

namespace {

Environment one_environment() {
  Environment one;
  one.server_version = 150018;
  one.version = 19;
  one.settings = {{"shared_buffers", "8GB"}, {"work_mem", "4MB"},        {"jit", "on"},
                  {"fsync", "on"},           {"max_connections", "100"}, {"synchronous_standby_names", ""}};
  one.collations = {{"database", "en-US (icu 153.120)"}};
  one.extensions = {{"plpgsql", "1.0"}};
  one.database_bytes = 10LL << 30;
  one.tables = {{"tasks", 1'000'000, 4LL << 30, 1LL << 30, 3, 0}, {"roles", 500, 65536, 16384, 1, 0}};
  one.cache_hit_share = 0.99;
  return one;
}

const Difference* find(const std::vector<Difference>& all, const std::string& what) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Difference& one) { return one.what == what; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("Environments that are alike do not differ", "[window]") {
  Environment here = one_environment();
  CHECK(window::differences(one_environment(), here).empty());
  // Nor by what has nothing to do with the time of a migration, or by what always moves.
  here.settings["max_connections"] = "500";
  here.database_bytes += here.database_bytes / 100;
  here.tables[0].rows += 1000;
  here.taken_at = "2026-11-20T10:00:00Z";
  here.host = "elsewhere";
  CHECK(window::differences(one_environment(), here).empty());
}

TEST_CASE("Differences come with what matters most first, and what it means", "[window]") {
  Environment here = one_environment();
  here.settings["work_mem"] = "64MB";
  here.settings["shared_buffers"] = "128MB";
  here.settings["application_thing"] = "on";
  here.settings["synchronous_standby_names"] = "r1";
  here.extensions["pg_stat_statements"] = "1.10";
  here.collations["database"] = "en_US.UTF-8 (libc 2.36)";
  here.tables[0].rows = 27'100'000;
  here.tables[0].indexes = 4;
  here.replicas = 2;
  here.cache_hit_share = 0.81;
  const auto all = window::differences(one_environment(), here);
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const Difference& a, const Difference& b) { return a.weight > b.weight; }));
  CHECK(all.front().what == "rows of tasks");
  CHECK(all.front().there == "1.0 M");
  CHECK(all.front().here == "27.1 M");
  for (const char* what : {"indexes of tasks", "shared_buffers", "synchronous_standby_names"}) {
    INFO(what);
    REQUIRE(find(all, what) != nullptr);
    CHECK(find(all, what)->weight == 3);
    CHECK_FALSE(find(all, what)->meaning.empty());
  }
  CHECK(find(all, "synchronous_standby_names")->there == "none");
  for (const char* what : {"work_mem", "replicas", "collation of the database",
                           "blocks found in shared_buffers", "bytes a row of tasks"}) {
    INFO(what);
    REQUIRE(find(all, what) != nullptr);
    CHECK(find(all, what)->weight == 2);
  }
  CHECK(find(all, "application_thing")->there == "not known");
  CHECK(find(all, "application_thing")->weight == 1);
  CHECK(find(all, "extension pg_stat_statements")->there == "none");
}

TEST_CASE("Dead rows, tables of one side and other majors are told", "[window]") {
  Environment here = one_environment();
  here.server_version = 170001;
  here.version = 20;
  here.tables[0].dead_rows = 1'000'000;
  here.tables[1].name = "clients";
  const auto all = window::differences(one_environment(), here);
  CHECK(all.front().what == "schema version");
  REQUIRE(find(all, "dead rows of tasks") != nullptr);
  CHECK(find(all, "dead rows of tasks")->here == "50 %");
  REQUIRE(find(all, "server version") != nullptr);
  CHECK(find(all, "server version")->there == "15.18");
  CHECK(find(all, "table roles")->here == "not there");
  CHECK(find(all, "table clients")->there == "not there");
}

TEST_CASE("Many tables that differ are counted, not listed", "[window]") {
  Environment there = one_environment();
  there.tables.clear();
  Environment here = there;
  for (int i = 0; i < 40; ++i) here.tables.push_back({"t" + std::to_string(i), 10, 8192, 8192, 1, 0});
  const auto all = window::differences(there, here);
  CHECK(all.size() == 11);
  CHECK(all.back().what == "further tables that differ");
  CHECK(all.back().here == "30");
}
