#include "window/fingerprint.h"

#include "test/support/catch.h"
#include "test/support/database.h"

namespace dbtool {

TEST_CASE("a fingerprint tells settings, collations, extensions and sizes", "[window][fingerprint]") {
  const test::Database database;
  database.exec(R"(
create schema "Old";
create table small (id int primary key);
create table "Old".large (id int primary key, text text collate "C");
create index on "Old".large (text);
insert into "Old".large select n, repeat('x', 100) from generate_series(1, 5000) n;
analyze)");
  pg::Connection connection = database.connect(database.owner());
  const Environment found = window::fingerprint(connection);
  CHECK(found.database == database.name());
  CHECK(found.server_version == connection.server_version());
  CHECK(found.taken_at.size() == std::string("2026-11-20T08:00:00Z").size());
  CHECK(found.settings.at("block_size") == "8192");
  CHECK(found.settings.contains("shared_buffers"));
  CHECK(found.collations.contains("database"));
  CHECK(found.collations.at("database").find("libc") != std::string::npos);
  CHECK(found.extensions.contains("plpgsql"));
  CHECK(found.database_bytes > 0);
  CHECK(found.measures.empty());
  REQUIRE(found.tables.size() == 2);
  CHECK(found.tables[0].name == "\"Old\".large");
  CHECK(found.tables[0].rows == 5000);
  CHECK(found.tables[0].bytes > 500'000);
  CHECK(found.tables[0].indexes == 2);
  CHECK(found.tables[0].index_bytes > 0);
  CHECK(found.tables[1].name == "small");
}

TEST_CASE("a table that somebody locks does not hold up a fingerprint", "[window][fingerprint]") {
  const test::Database database;
  database.exec("create table t (n int); insert into t select generate_series(1, 10000); analyze t");
  pg::Connection holder = database.connect();
  holder.exec("begin; lock table t in access exclusive mode");
  pg::Connection connection = database.connect();
  const std::vector<MeasuredTable> tables = window::measured_tables(connection);
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].rows == 10000);
  CHECK(tables[0].bytes > 300'000);
  CHECK_FALSE(connection.in_transaction());
}

}  // namespace dbtool
