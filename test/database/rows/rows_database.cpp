#include "test/database/rows/rows_database.h"

#include "base/file.h"
#include "test/support/catch.h"

namespace dbtool::test {

std::string rows_case(const std::string& file) {
  return read_file(std::string(DBTOOL_SOURCE_DIRECTORY) + "/test/cases/rows/" + file);
}

void check_filled(const std::vector<rows::Filled>& filled) {
  CHECK_FALSE(filled.empty());
  for (const rows::Filled& one : filled) {
    INFO(one.table << ": " << one.rows << " rows; " << one.reason);
    CHECK(one.reason.empty());
    CHECK(one.rows >= 5);
  }
}

void check_constraints(pg::Connection& connection) {
  connection.exec(R"(
update pg_constraint set convalidated = false
where contype in ('c', 'f') and conrelid <> 0 and conparentid = 0
  and connamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  and not exists (select from pg_class c where c.oid in (conrelid, confrelid) and c.relkind = 'p');
do $$
declare
  c record;
begin
  for c in select conrelid::regclass as relation, conname from pg_constraint
           where contype in ('c', 'f') and not convalidated and conrelid <> 0 loop
    execute format('alter table %s validate constraint %I', c.relation, c.conname);
  end loop;
end $$)");
}

void empty_all(pg::Connection& connection) {
  connection.exec(R"(
do $$
begin
  execute (select 'truncate ' || string_agg(format('%I.%I', schemaname, tablename), ', ') || ' restart identity cascade'
           from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'dbtool'));
end $$)");
}

rows::Contents picture(const Database& database, std::int64_t most_rows) {
  pg::Connection connection = database.connect();
  rows::ContentsRequest request;
  request.most_rows = most_rows;
  return rows::contents(connection, request);
}

}  // namespace dbtool::test
