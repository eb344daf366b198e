#include "catalog/columns_of_full.h"

#include <string>

#include "catalog/diff.h"
#include "catalog/full.h"
#include "catalog/read.h"
#include "test/support/catch.h"
#include "test/support/database.h"

using namespace dbtool;

namespace {

/// A text that shows where two of these differ.
std::string text_of(const catalog::Schema& schema) {
  std::string text;
  for (const Object& object : schema.objects) {
    text += object.kind + " " + object.identity;
    for (const auto& [name, value] : object.facts) text += "; " + name + ": " + value;
    text += "\n";
  }
  for (const catalog::Column& column : schema.columns.list) {
    text += "column " + std::string(column.table) + "." + std::string(column.name) + ": " +
            std::string(column.type) + (column.not_null ? " not null" : "") + "\n";
  }
  return text;
}

/// What the ways to the public objects give, where the version table is `version_table`.
struct Ways {
  Ways(const test::Database& database, const std::string& version_table) {
    pg::Connection connection = database.connect();
    connection.exec("set search_path = public");
    const std::string prefix = database.user_prefix();
    const Catalog full = catalog::read_full(connection, {version_table, prefix, "", {}});
    derived = text_of(
        catalog::with_columns_of(catalog::read_without_columns(connection, version_table), full, prefix));
    asked = text_of(catalog::read_public(connection, version_table));
    pg::Connection second = database.connect();
    asked_of_two = text_of(catalog::read_public(connection, version_table, &second));
  }
  std::string derived, asked, asked_of_two;
};

}  // namespace

TEST_CASE("The columns of a full catalog are those that are asked for by themselves", "[catalog]") {
  test::Database database;
  const std::string user = database.create_role("queue");
  const auto make = [&](const std::string& sql) { database.exec("set search_path = public; " + sql); };
  make(R"(
create schema dbtool;
create table dbtool.version (version integer not null);
create schema other;
create type other.mood as enum ('sad');
create table other.t (a int);
create type mood as enum ('glad');
create type "Odd ""Type" as (a int, b pg_catalog.text);
create table row_type (a int);
create domain short as varchar(7);
-- Printed with their schema: pg_catalog is searched first.
create domain public.box as integer;
create domain public.text as pg_catalog.text;
create domain )" +
       user + R"( as integer;
create table plain (id bigint primary key, a pg_catalog.text not null, m mood, om other.mood not null, ms mood[],
                    o "Odd ""Type", os "Odd ""Type"[] not null, b public.box, bs public.box[], t public.text,
                    n numeric(10, 2)[], v varchar(40), c char(3) not null, ts timestamptz(3), i interval hour to minute,
                    w bit varying(5), s short, u )" +
       user + ", us " + user + R"([], dropped int, "char" "char",
                    r row_type, rs row_type[]);
alter table plain drop column dropped;
create table "select" ("Column" int, "a.b" mood, "quo""te" int not null, ünïcode int, a$b int);
create table "a.b" ("c" int);
create table a ("b.c" int);
create table version (version integer not null);
create table parent (id int, at date not null) partition by range (at);
create table part partition of parent for values from ('2026-01-01') to ('2027-01-01');
create table heir (more mood) inherits (plain);
create view seen as select id, m from plain;
create materialized view kept as select id, m from plain;
create foreign data wrapper nowhere;
create server nowhere foreign data wrapper nowhere;
create foreign table far (id int, m mood) server nowhere;
)");
  for (const char* version_table : {"dbtool.version", "public.version", "version"}) {
    INFO(version_table);
    const Ways ways(database, version_table);
    CHECK(ways.derived == ways.asked);
    CHECK(ways.asked_of_two == ways.asked);
    CHECK(ways.asked.find("column plain.bs: ") != std::string::npos);
  }
}
