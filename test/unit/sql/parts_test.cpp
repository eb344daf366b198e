#include "sql/parts.h"

#include "test/support/catch.h"

using namespace dbtool::sql;

TEST_CASE("A block is cut into the statements of its outermost level", "[sql]") {
  const BlockParts block = parts_of_block(R"(
    declare
      largest integer := 3;
      item record;
    begin
      create table copies (id integer, kind text);
      select max(id) into largest from tasks;
      largest := case when largest > 3 then 3 else largest end;
      insert into copies select id, case when id > 2 then 'a;b' else 'c' end from tasks;
      for item in select * from tasks loop
        if item.id > 2 then
          insert into copies values (item.id, 'x');
        end if;
      end loop;
      if exists (select from tasks) then
        begin
          update tasks set id = id;
        exception when others then
          raise notice 'no';
        end;
      end if;
      perform count(*) from tasks;
    end
  )");
  CHECK(block.declarations == "largest integer := 3;\n      item record;");
  CHECK_FALSE(block.has_handler);
  REQUIRE(block.parts.size() == 7);
  CHECK(block.parts[0].text == "create table copies (id integer, kind text)");
  CHECK(block.parts[0].is_plain);
  CHECK(block.parts[1].sets_variables);
  CHECK_FALSE(block.parts[1].is_plain);
  CHECK(block.parts[2].sets_variables);
  CHECK(block.parts[3].is_plain);
  CHECK(block.parts[4].text.substr(0, 8) == "for item");
  CHECK(block.parts[4].text.substr(block.parts[4].text.size() - 8) == "end loop");
  CHECK_FALSE(block.parts[4].is_plain);
  CHECK(block.parts[4].statements.size() == 2);
  CHECK(block.parts[5].text.substr(block.parts[5].text.size() - 6) == "end if");
  CHECK_FALSE(block.parts[6].is_plain);
  CHECK_FALSE(block.parts[6].sets_variables);
}

TEST_CASE("A handler of the whole block is seen, one deeper is not one", "[sql]") {
  CHECK(parts_of_block("begin update a set b = 1; exception when others then null; end").has_handler);
  const BlockParts nested = parts_of_block(
      "begin declare x int; begin x := 1; exception when others then null; "
      "end; delete from a; end");
  CHECK_FALSE(nested.has_handler);
  REQUIRE(nested.parts.size() == 2);
  CHECK(nested.parts[1].text == "delete from a");
}
