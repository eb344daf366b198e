#include "sql/parse.h"

#include "test/support/catch.h"

using namespace dbtool;

namespace {

/// "table mode, …", with `#` before the name of an index.
std::string shown(const std::vector<sql::StrongLock>& locks) {
  std::string text;
  for (const auto& lock : locks) {
    text += (text.empty() ? "" : ", ") + std::string(lock.of_index ? "#" : "") +
            (lock.schema.empty() ? "" : lock.schema + ".") + lock.table + " " + lock.mode;
  }
  return text;
}

std::string locks(const std::string& script) {
  return shown(sql::effects_of_statements(script).locks);
}
std::string block_locks(const std::string& block) {
  return shown(sql::effects_of_block(block).locks);
}

std::string written(const std::string& block) {
  std::string text;
  for (const auto& table : sql::effects_of_block(block).written) text += (text.empty() ? "" : ", ") + table;
  return text;
}

}  // namespace

TEST_CASE("Strong locks by statement", "[sql]") {
  struct Case {
    const char* script;
    const char* locks;
  };
  for (const auto& [script, expected] : std::vector<Case>{
           {"alter table t add column a int", "t access exclusive"},
           {"alter table s.t alter column a set not null", "s.t access exclusive"},
           {"alter table t alter a set statistics 100", ""},
           {"alter table t set (fillfactor = 70)", ""},
           {"alter table t validate constraint c", ""},
           {"alter table t add constraint c check (a > 0) not valid", "t access exclusive"},
           {"alter table t add foreign key (a) references u (b)",
            "t share row exclusive, u share row exclusive"},
           {"alter table t add column a int references u", "t access exclusive, u share row exclusive"},
           {"alter table t disable trigger x", "t share row exclusive"},
           {"alter table t attach partition p default", "p access exclusive"},
           {"alter table t detach partition p", "t access exclusive, p access exclusive"},
           {"alter table t detach partition p concurrently", ""},
           {"alter table t rename to u; alter table u add column a int", "t access exclusive"},
           {"alter table t rename a to b", "t access exclusive"},
           {"alter table t rename constraint a to b", "t access exclusive"},
           {"alter table t set schema s", "t access exclusive"},
           {"alter index i rename to j", ""},
           {"alter view v rename to w", ""},
           {"drop table if exists a, s.b", "a access exclusive, s.b access exclusive"},
           {"drop index i", "#i access exclusive"},
           {"drop index concurrently i", ""},
           {"drop trigger x on t", "t access exclusive"},
           {"drop policy x on s.t", "s.t access exclusive"},
           {"drop function f()", ""},
           {"truncate a, b", "a access exclusive, b access exclusive"},
           {"lock table a in share mode; lock a", "a access exclusive"},
           {"lock table a in share update exclusive mode", ""},
           {"lock table a in exclusive mode", "a exclusive"},
           {"create index i on t (a)", "t share"},
           {"create index concurrently i on t (a)", ""},
           {"create index i on t (a); alter table t add foreign key (a) references t (b)",
            "t share row exclusive"},
           {"create trigger x before insert on t for each row execute function f()", "t share row exclusive"},
           {"create policy p on t", "t access exclusive"},
           {"create table n (a int references t)", "t share row exclusive"},
           {"create table n (a int, foreign key (a) references t)", "t share row exclusive"},
           {"create table n partition of t default", "t access exclusive"},
           {"create table n (a int); create index on n (a); alter table public.n add b int; drop table n",
            ""},
           {"create table if not exists n (a int); create index on n (a)", "n share"},
           {"create temp table n as select 1; create index on n (a)", ""},
           {"reindex table t", "t share"},
           {"reindex index i", "#i share"},
           {"reindex (verbose) table t", "t share"},
           {"reindex (concurrently off) table t", "t share"},
           {"reindex (verbose) table concurrently t", ""},
           {"cluster t using i", "t access exclusive"},
           {"insert into t select 1; update t set a = 1; select 1; grant select on t to x", ""},
           {"do $$ begin alter table t add a int; end $$", "t access exclusive"},
           {"alter table t frobnicate; drop table u", "u access exclusive"},
           {"alter table \"T x\" add a int", "T x access exclusive"},
       }) {
    INFO(script);
    CHECK(locks(script) == expected);
    CHECK(block_locks(std::string("begin ") + script + "; end") == expected);
  }
}

TEST_CASE("A block's statements are found inside its control structures", "[sql]") {
  CHECK(block_locks(R"(
    <<outer>>
    declare
      n int := 3;
      c cursor for select 1;
      lock text = 'x';
    begin
      lock := 'drop table no1;';
      if exists (select from t) then drop table a; elsif n = case when true then 1 else 2 end then drop table b;
      else drop table c; end if;
      case n when 1 then drop table d; else drop table e; end case;
      while n > case n when 1 then 2 end loop drop table f; end loop;
      for r in select * from x loop drop table g; end loop outer;
      for i in 1..10 loop drop table h; end loop;
      foreach n in array '{1}'::int[] loop drop table i; end loop;
      begin drop table j; exception when undefined_table or others then drop table k; end;
      -- drop table no2;
      raise notice 'drop table no3; %', n;
      perform f('drop table no4');
      execute 'drop table l; drop table m';
      execute $q$drop table n$q$ into n using n;
      execute 'drop table ' || n;
      execute format('drop table %I', n);
      r.x := 1; r[1] = 2;
      drop table o;
    end)") ==
        "a access exclusive, b access exclusive, c access exclusive, d access exclusive, e access exclusive, "
        "f access exclusive, g access exclusive, h access exclusive, i access exclusive, j access exclusive, "
        "k access exclusive, l access exclusive, m access exclusive, n access exclusive, o access exclusive");
  CHECK(block_locks("begin grant select on t to $db_user_prefix$_a; drop table b; grant all on t to "
                    "$db_user_prefix$_b; end") == "b access exclusive");
}

TEST_CASE("Broken blocks do no harm", "[sql]") {
  for (const char* block :
       {"", "begin", "begin end", "begin -- only a comment\nend", "begin alter table; end", "begin if x",
        "declare", "for", "begin execute", "begin insert into t values (1) into", "case",
        "begin select 1 into strict", "<<", "begin ) ) drop table t; end", "'", "$x$"}) {
    INFO(block);
    CHECK_NOTHROW(sql::effects_of_block(block).locks);
    CHECK_NOTHROW(sql::effects_of_block(block).written);
    CHECK_NOTHROW(sql::find_transaction_command(block));
  }
}

TEST_CASE("Tables that a block fills", "[sql]") {
  CHECK(written("begin insert into a select * from z returning x into y; update s.b set x = 1; delete from "
                "c; end") == R"("a", "s"."b")");
  CHECK(written("begin with x as (insert into a select 1 returning b) select count(*) into strict n, m.o "
                "from x; end") == R"("a")");
  CHECK(written("begin for r in insert into a select 1 returning * loop update b set x = 1; end loop; end") ==
        R"("a", "b")");
  CHECK(written("begin return query update a set b = 1 returning *; end") == R"("a")");
  CHECK(written(
            "begin create table a as select 1; create temp table b as select 1; create temp table c (x int);"
            " insert into c select 1; end") == R"("a")");
  CHECK(written("begin insert into a select 1; drop table a; insert into b select 1; alter table b rename to "
                "c; end") == R"("c")");
  CHECK(written("begin alter table a alter column b type bigint; end") == R"("a")");
  CHECK(sql::effects_of_statements("merge into a using b on true when matched then delete; copy c from stdin")
            .written.size() == 2);
}

TEST_CASE("The relations that a script grants rights on are known", "[sql]") {
  const auto granted = [](const std::string& block) {
    std::string text;
    for (const auto& table : sql::effects_of_block(block).granted) text += (text.empty() ? "" : ", ") + table;
    return text;
  };
  CHECK(granted("begin grant select on a, other.b to $db_user_prefix$_queue; end") ==
        "\"a\", \"other\".\"b\"");
  CHECK(granted("begin if true then revoke all on table \"A \"\"b\" from x; end if; end") == "\"A \"\"b\"");
  CHECK(
      granted(
          "begin grant select (x) on a to x; grant usage on sequence s to x; grant insert on a to x; end") ==
      "\"a\", \"s\"");
  CHECK(granted(
            "begin grant usage on schema public to x; grant a_role to x; grant execute on function f to x;\n"
            "  grant select on all tables in schema public to x; end")
            .empty());
  CHECK(granted("begin update granted set revoked = true; end").empty());
  CHECK(sql::effects_of_statements("grant select on a to x; create table b ()").granted ==
        std::vector<std::string>{"\"a\""});
}

TEST_CASE("The tables that a script reads are found", "[sql]") {
  const auto read = [](const std::string& block) {
    std::string text;
    for (const auto& table : sql::effects_of_block(block).read) text += (text.empty() ? "" : ", ") + table;
    return text;
  };
  CHECK(read("begin insert into a select * from b join other.c using (x); end") == R"("b", "other"."c")");
  CHECK(read("begin create table made as select * from b; insert into c select * from made; end") ==
        R"("b")");
  CHECK(read("begin update a set x = (select max(y) from b) from c where c.z = a.z; end") == R"("c", "b")");
  CHECK(read("begin delete from a using b where exists (select from c); end") == R"("b", "c")");
  CHECK(read("begin with w as (select * from b) insert into a select * from w; end") == R"("b")");
  CHECK(read("declare r record; begin for r in select * from b loop update a set x = 1; end loop; end") ==
        R"("b")");
  CHECK(read("begin create view v as select * from b; grant select on c to x; end").empty());
  CHECK(read("begin set local row_security = on; insert into a select * from b; end").empty());
  CHECK(read("begin set local role other; insert into a select * from b; end").empty());
  CHECK(read("begin set local work_mem = '1GB'; insert into a select * from b; end") == R"("b")");
  CHECK(read("begin perform 1; insert into a values (1); end").empty());
}
