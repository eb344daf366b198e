#include "sql/block.h"

#include "test/support/catch.h"

using namespace dbtool;

namespace {

const sql::BlockStatement& statement(const std::vector<sql::BlockStatement>& all, const std::string& text) {
  for (const sql::BlockStatement& one : all) {
    if (one.statement.text == text) return one;
  }
  FAIL("no statement " << text);
  return all.front();
}

}  // namespace

TEST_CASE("loops over queries and cursors are loops over rows, others are not", "[sql]") {
  const auto all = sql::read_block(R"(
    declare
      declared no scroll cursor (x int) for select 1;
      opened refcursor;
    begin
      for r in select 2 loop insert into a values (1); end loop;
      for r in declared loop insert into a values (2); end loop;
      open opened for select 3;
      loop
        fetch opened into r;
        insert into a values (3);
      end loop;
      for i in 1..10 loop insert into a values (4); end loop;
      foreach i in array array[1] loop insert into a values (5); end loop;
      while true loop insert into a values (6); end loop;
    end)");
  CHECK(statement(all, "select 1").run_as == sql::RunAs::cursor_query);
  CHECK(statement(all, "select 2").run_as == sql::RunAs::loop_query);
  CHECK(statement(all, "select 3").run_as == sql::RunAs::cursor_query);
  for (int i = 1; i <= 6; ++i) {
    const auto& insert = statement(all, "insert into a values (" + std::to_string(i) + ")");
    INFO(insert.statement.text);
    CHECK(insert.loops == 1);
    CHECK(insert.row_loops == (i <= 3 ? 1 : 0));
  }
}

TEST_CASE("a format of constants is a constant", "[sql]") {
  const auto all = sql::read_block(R"(
    begin
      execute format('insert into %I (a) values (%L)', 'Two', 'it''s') using 1;
      execute format('select %2$s from %1$I', 'one', 'a');
      execute format('drop table %I', name);
      for r in execute format('select * from %I', 'three') loop null; end loop;
      for r in select 4 loop null; end loop;
    end)");
  CHECK(statement(all, "insert into \"Two\" (a) values ('it''s')").run_as == sql::RunAs::constant);
  CHECK(statement(all, "select a from one").run_as == sql::RunAs::constant);
  CHECK(statement(all, "drop table dynamic_name").run_as == sql::RunAs::formatted);
  CHECK(statement(all, "select * from three").heads_loop);
  CHECK(statement(all, "select 4").heads_loop);
  CHECK_FALSE(statement(all, "select a from one").heads_loop);
}
