#include <nlohmann/json.hpp>

#include "lint/declared_batch.h"
#include "lint/lint.h"
#include "lint/repeatable.h"
#include "lint/row_flow.h"
#include "load/load.h"
#include "sql/tree.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;

namespace {

nlohmann::json tree_of(const std::string& statement) {
  const nlohmann::json tree = sql::parse_tree(lint::without_ranges(statement));
  INFO(statement);
  REQUIRE(tree.size() == 1);
  return tree.at(0).at("stmt");
}

std::optional<lint::UnlockedRead> unlocked(const std::string& statement,
                                           const sql::ObjectName& table = {"", "entities"}) {
  return lint::unlocked_read(tree_of(statement), table);
}

/// The statement with the lock that lint proposes.
std::string locked(const std::string& statement, const sql::ObjectName& table = {"", "entities"}) {
  INFO(statement);
  CHECK(unlocked(statement, table));
  const std::string text = lint::with_locks(statement, table);
  CHECK_FALSE(unlocked(text, table));
  return text;
}

lint::Schema schema() {
  lint::Schema schema;
  schema.begin(1);
  for (const char* text :
       {"create table entities (row_key text primary key, value text, n int)",
        "create table tasks (task_id text primary key, value text, n int, label text)",
        "create table heap (task_id text, value text)", "create temporary table passing (task_id text)"}) {
    const nlohmann::json tree = sql::parse_tree(text);
    for (const sql::Action& action : sql::read_actions(tree.at(0).at("stmt"), text)) schema.apply(action);
  }
  return schema;
}

using Cause = lint::Unrepeatable::Cause;

std::optional<Cause> repeats(const std::string& statement) {
  const auto fault = lint::unrepeatable(tree_of(statement), {"", "entities"}, schema());
  return fault ? std::optional(fault->cause) : std::nullopt;
}

}  // namespace

TEST_CASE("rows that are copied without a lock get one where it has to stand", "[declared]") {
  CHECK(locked("insert into tasks select e.row_key from entities e where $range:e$ on conflict do nothing") ==
        "insert into tasks select e.row_key from entities e where $range:e$ for update of e on conflict do "
        "nothing");
  CHECK(locked("insert into tasks select row_key from entities where $range$") ==
        "insert into tasks select row_key from entities where $range$ for update of entities");
  CHECK(locked("insert into tasks\nselect \"E\".row_key\nfrom public.entities as \"E\"\nwhere "
               "$range:E$\nreturning 1") ==
        "insert into tasks\nselect \"E\".row_key\nfrom public.entities as \"E\"\nwhere $range:E$\n"
        "for update of \"E\"\nreturning 1");
  CHECK(locked("insert into tasks select * from \"Old Entities\" e where $range:e$", {"", "Old Entities"}) ==
        "insert into tasks select * from \"Old Entities\" e where $range:e$ for update of e");
  CHECK(locked("with b as (select e.row_key from entities e where $range:e$ limit 5) insert into tasks "
               "select * from b "
               "on conflict do nothing") ==
        "with b as (select e.row_key from entities e where $range:e$ limit 5 for update of e) insert into "
        "tasks "
        "select * from b on conflict do nothing");
  CHECK(locked("with c as (insert into tasks select row_key from entities e where $range:e$ returning 1) "
               "select count(*) from c") ==
        "with c as (insert into tasks select row_key from entities e where $range:e$ for update of e "
        "returning 1) "
        "select count(*) from c");
  CHECK(
      locked("insert into tasks select s.row_key from (select * from entities e where $range:e$) s") ==
      "insert into tasks select s.row_key from (select * from entities e where $range:e$ for update of e) s");
}

TEST_CASE("what takes no locking clause reads from a subquery that has one", "[declared]") {
  CHECK(
      locked("insert into tasks select e.value, max(e.row_key) from entities e where $range:e$ group by 1") ==
      "insert into tasks select e.value, max(e.row_key) from (select * from entities e where $range:e$ for "
      "update) e "
      "where $range:e$ group by 1");
  CHECK(locked(
            "update tasks t set value = e.value from entities e where $range:e$ and t.task_id = e.row_key") ==
        "update tasks t set value = e.value from (select * from entities e where $range:e$ for update) e "
        "where $range:e$ and t.task_id = e.row_key");
  CHECK(locked("merge into tasks t using entities as e on t.task_id = e.row_key and $range:e$ "
               "when not matched then insert values (e.row_key)") ==
        "merge into tasks t using (select * from entities e where $range:e$ for update) e on t.task_id = "
        "e.row_key "
        "and $range:e$ when not matched then insert values (e.row_key)");
  CHECK(
      locked("insert into tasks select distinct entities.value from entities where $range$") ==
      "insert into tasks select distinct entities.value from (select * from entities entities where $range$ "
      "for update) entities where $range$");
  locked(
      "insert into tasks select row_key from entities e where $range:e$ union all select value from entities "
      "e "
      "where $range:e$ and value is not null");
}

TEST_CASE("rows that are locked, taken away or changed in place lose nothing", "[declared]") {
  for (const char* statement : {
           "insert into tasks select row_key from entities e where $range:e$ for update of e on conflict do "
           "nothing",
           "insert into tasks select row_key from entities e where $range:e$ for share",
           "insert into tasks select row_key from entities where $range$ for no key update",
           "insert into tasks select \"E\".row_key from entities \"E\" where $range:E$ for update of \"E\"",
           "insert into tasks select e.row_key from entities e join groups g using (row_key) where $range:e$ "
           "for "
           "update of e",
           "insert into tasks select s.row_key from (select * from entities e where $range:e$) s for update "
           "of s",
           "with b as (select e.row_key from entities e where $range:e$ for update) insert into tasks select "
           "* from b",
           "with b as materialized (select * from entities e where $range:e$ for update), "
           "c as (select * from b where value is not null) insert into tasks select row_key from c",
           "with moved as (delete from entities e where $range:e$ returning e.*) insert into tasks select "
           "row_key "
           "from moved",
           "with moved as (update entities e set n = 1 where $range:e$ returning e.*) insert into tasks "
           "select "
           "row_key from moved",
           "update entities set value = '' where $range$",
           "update entities e set value = f.value from entities f where f.row_key = e.value and $range:e$",
           "delete from entities where $range$",
           "insert into tasks select o.id from others o where exists (select from entities e where "
           "$range:e$)",
           "insert into tasks select row_key from other.entities e where $range:e$",
           "with entities as (select 'a' as row_key) insert into tasks select row_key from entities",
           "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) insert into tasks "
           "select n::text from r",
       }) {
    CAPTURE(statement);
    CHECK_FALSE(unlocked(statement));
  }
}

TEST_CASE("a lock that is too weak, of another table, or in another part does not hold", "[declared]") {
  CHECK(unlocked("insert into tasks select row_key from entities e where $range:e$ for key share"));
  CHECK(unlocked(
      "insert into tasks select e.row_key from entities e join groups g using (row_key) where $range:e$ "
      "for update of g"));
  // A locking clause does not reach into `with`.
  CHECK(unlocked(
      "with b as (select * from entities e where $range:e$) insert into tasks select row_key from b for "
      "update"));
  CHECK(unlocked(
      "update tasks t set value = (select e.value from entities e where e.row_key = t.task_id) where "
      "$range:t$"));
  const auto late = unlocked(
      "with l as (select row_key from entities e where $range:e$ for update) "
      "insert into tasks select e.row_key from entities e join l using (row_key)");
  REQUIRE(late);
  CHECK(late->locked_elsewhere);
}

TEST_CASE("a batch that does its work again is told from one that finds it done", "[declared]") {
  const std::string insert = "insert into tasks (task_id) ";
  for (
      const std::string& good : std::vector<std::string>{
          insert + "select row_key from entities e where $range:e$ on conflict do nothing",
          insert + "select row_key from entities e where $range:e$ and not exists (select from tasks t where "
                   "t.task_id = e.row_key)",
          insert +
              "select row_key from entities e where $range:e$ and row_key not in (select task_id from tasks)",
          insert +
              "select row_key from entities e where $range:e$ and row_key <> all (select task_id from tasks)",
          insert + "select e.row_key from entities e left join tasks t on t.task_id = e.row_key where "
                   "$range:e$ and "
                   "t.task_id is null",
          insert + "select row_key from entities e where $range:e$ except select task_id from tasks",
          "with there as (select task_id from tasks) " + insert +
              "select row_key from entities e where $range:e$ and not exists (select from there where "
              "task_id = "
              "e.row_key)",
          "with moved as (delete from entities e where $range:e$ returning row_key) " + insert +
              "select row_key from moved",
          "with done as (update entities e set n = 1 where $range:e$ and n is null returning row_key) " +
              insert + "select row_key from done",
          insert +
              "select row_key from entities e where $range:e$ on conflict (task_id) do update set value = "
              "excluded.value || 'x'",
          insert + "select row_key from entities e where $range:e$ on conflict (task_id) do update set n = "
                   "tasks.n + 1 "
                   "where tasks.label is null",
          "insert into passing select row_key from entities e where $range:e$",
          "update entities set value = lower(value) where $range$",
          "update entities set n = n + 1 where $range$ and value is null",
          "update entities set n = length(value) + 1 where $range$",
          "insert into unknown select row_key from entities e where $range:e$ on conflict do nothing",
      }) {
    CAPTURE(good);
    CHECK_FALSE(repeats(good));
  }
  CHECK(repeats(insert + "select row_key from entities e where $range:e$ for update") ==
        Cause::inserts_again);
  CHECK(repeats(insert + "select row_key from entities e where $range:e$ and exists (select from tasks)") ==
        Cause::inserts_again);
  CHECK(repeats(insert +
                "select row_key from entities e where $range:e$ and not exists (select from others)") ==
        Cause::inserts_again);
  CHECK(repeats(insert + "select e.row_key from entities e join others o using (row_key) where $range:e$") ==
        Cause::inserts_again);
  CHECK(repeats("with c as (" + insert +
                "select row_key from entities e where $range:e$ returning 1) select from c") ==
        Cause::inserts_again);
  CHECK(repeats("with gone as (delete from others returning id) " + insert + "select id from gone") ==
        Cause::inserts_again);
  CHECK(repeats("insert into heap select row_key from entities e where $range:e$ on conflict do nothing") ==
        Cause::never_conflicts);
  CHECK(repeats("update entities set n = n + 1 where $range$") == Cause::adds_again);
  CHECK(repeats("update entities e set value = e.value || '!' where $range:e$") == Cause::adds_again);
  CHECK(repeats(insert + "select row_key from entities e where $range:e$ on conflict (task_id) do update set "
                         "n = tasks.n + excluded.n") == Cause::adds_again);
}

TEST_CASE("a conflict clause stands at the end of its insert", "[declared]") {
  const auto mended = [](const std::string& statement) {
    const auto fault = lint::unrepeatable(tree_of(statement), {"", "entities"}, schema());
    REQUIRE(fault);
    return lint::with_conflict_clause(statement, fault->offset, "on conflict do nothing");
  };
  CHECK(mended("insert into tasks select row_key from entities e where $range:e$ for update of e") ==
        "insert into tasks select row_key from entities e where $range:e$ for update of e on conflict do "
        "nothing");
  CHECK(mended("with c as (insert into tasks (task_id)\nselect row_key from entities e where "
               "$range:e$\nreturning 1)\n"
               "select count(*) from c") ==
        "with c as (insert into tasks (task_id)\nselect row_key from entities e where $range:e$\non conflict "
        "do "
        "nothing\nreturning 1)\nselect count(*) from c");
}

TEST_CASE("the safe way of a declared batch is the batch itself, mended", "[declared]") {
  const test::ProjectFiles files;
  files.write("versions/0001.yml", R"(version: 1
description: one
methods: {}
migrationScript: |-
  begin
    create table entities (row_key text primary key, value jsonb not null);
    create table tasks (task_id text primary key, value jsonb);
  end
downgradeScript: |-
  begin
    drop table entities, tasks;
  end
)");
  files.write("versions/0002.yml", R"(version: 2
description: two
methods: {}
online:
  migration:
    table: entities
    key: [row_key]
    batch: |-
      insert into tasks (task_id, value)
      select e.row_key, e.value
      from entities e
      where $range:e$
    complete: select not exists (select from entities)
)");
  files.write("schema/tables.yml", "{}\n");
  files.write("schema/access.yml", "{}\n");
  const Project project = load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
  lint::Options options;
  options.versions = {2};
  std::map<std::string, Finding> found;
  for (const Finding& finding : lint::lint(project, options).findings) found.emplace(finding.rule, finding);
  const std::string batch =
      "batch: |-\n  insert into tasks (task_id, value)\n  select e.row_key, e.value\n  from entities e\n"
      "  where $range:e$\n";
  REQUIRE(found.contains("online-source-not-locked"));
  const Finding& lock = found.at("online-source-not-locked");
  CHECK(lock.rewrite == batch + "  for update of e\n");
  CHECK(lock.place.line == 11);
  CHECK(lock.found.ends_with("where $range:e$"));
  REQUIRE(found.contains("online-batch-not-repeatable"));
  CHECK(found.at("online-batch-not-repeatable").rewrite == batch + "  on conflict (task_id) do nothing\n");
  CHECK(found.at("online-batch-not-repeatable").severity == Severity::error);
}
