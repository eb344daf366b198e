#include "sql/parse.h"

#include "test/support/catch.h"

using namespace dbtool;

namespace {

std::string dropped(const std::string& block) {
  std::string text;
  for (const sql::DroppedData& data : sql::dropped_unread_of_block(block)) {
    text += (text.empty() ? "" : ", ") + (data.schema.empty() ? "" : data.schema + ".") + data.table +
            (data.column.empty() ? "" : "." + data.column);
  }
  return text;
}

}  // namespace

TEST_CASE("What a script loses is what it drops and has not read", "[sql]") {
  struct Case {
    const char* block;
    const char* lost;
  };
  for (const auto& [block, lost] : std::vector<Case>{
           {"begin drop table one; end", "one"},
           {"begin drop table if exists one, s.two; end", "one, s.two"},
           {"begin insert into two select * from one; drop table one; end", ""},
           {"begin insert into two select * from public.one o; drop table one; end", ""},
           {"begin insert into two select 1 from a, one; drop table public.one; end", ""},
           {"begin insert into two values (1); drop table two; end", "two"},
           {"begin delete from two; end", "two"},
           {"begin delete from two where a = 1; end", ""},
           {"begin truncate one; end", "one"},
           {"begin if exists (select from one) then raise 'rows'; end if; drop table one; end", ""},
           {"begin perform f(a) from one; drop table one; end", ""},
           {"declare r record; begin for r in select * from one loop null; end loop; drop table one; end",
            ""},
           {"begin drop table \"One\"; end", "One"},
           {"begin perform f(a) from \"One\"; drop table \"One\"; end", ""},
           {"begin alter table one rename to old; drop table old; end", "one"},
           {"begin alter table one drop column a, drop column if exists b; end", "one.a, one.b"},
           {"begin update one set c = a; alter table one drop column a, drop column b; end", "one.b"},
           {"begin insert into two select a from one; alter table one drop a; end", ""},
           {"begin insert into two select * from one; alter table one drop column a; end", ""},
           {"begin drop index i; drop function f(); end", ""},
           {"begin execute 'drop table one'; end", "one"},
           {"begin -- drop table one\n end", ""},
           {"begin this is no sql; drop table one; end", "one"},
       }) {
    INFO(block);
    CHECK(dropped(block) == lost);
  }
}

TEST_CASE("Losses of plain statements", "[sql]") {
  const auto found = sql::dropped_unread_of_statements("drop index concurrently i; drop table one");
  REQUIRE(found.size() == 1);
  CHECK(found.front() == sql::DroppedData{"", "one", ""});
}
