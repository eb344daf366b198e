#include "lint/live_sizes.h"

#include <algorithm>

#include "test/support/catch.h"
#include "test/support/database.h"

using namespace dbtool;
using namespace dbtool::test;

TEST_CASE("A table with children is as large as all of them", "[lint]") {
  const Database database;
  database.exec(R"(
    create table plain (id int);
    insert into plain select generate_series(1, 10);
    create table parted (id int) partition by range (id);
    create table parted_low partition of parted for values from (0) to (100);
    create table parted_high partition of parted for values from (100) to (1000) partition by range (id);
    create table parted_high_1 partition of parted_high for values from (100) to (1000);
    insert into parted select generate_series(1, 300);
    create table parent (id int);
    create table child () inherits (parent);
    create table grandchild () inherits (parent, child);
    insert into grandchild select generate_series(1, 50);
    create table hollow (id int) partition by range (id);)");
  database.exec("analyze");
  pg::Connection connection = database.connect();
  const std::vector<TableSize> sizes = lint::read_live_sizes(connection);
  const auto size = [&](const std::string& table) {
    const auto found =
        std::find_if(sizes.begin(), sizes.end(), [&](const TableSize& one) { return one.table == table; });
    REQUIRE(found != sizes.end());
    return *found;
  };
  CHECK(size("plain").rows == 10);
  CHECK(size("parted").rows == 300);
  CHECK(size("parted_high").rows == 201);
  CHECK(size("parted").bytes == size("parted_low").bytes + size("parted_high_1").bytes);
  CHECK(size("parent").rows == 50);
  CHECK(size("child").rows == 50);
  CHECK(size("hollow").rows == 0);
  CHECK(size("hollow").bytes == 0);
  CHECK(std::count_if(sizes.begin(), sizes.end(),
                      [](const TableSize& one) { return one.table == "parent"; }) == 1);
}
