#include "lint/explain.h"

#include "test/support/catch.h"
#include "test/support/database.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

SqlText sql_text(const std::string& text) {
  SqlText sql;
  sql.text = text;
  sql.place = {"versions/0002.yml", 1, 1};
  return sql;
}

const std::string tables = R"(
  create table entities (partition_key text, row_key text, value jsonb not null,
    primary key (partition_key, row_key));
  create table tasks (task_id text primary key, value jsonb);)";

Version declared(const std::string& batch, const std::string& table = "entities") {
  Version version;
  version.number = 2;
  version.online_migration.emplace();
  version.online_migration->table = table;
  version.online_migration->key = {"partition_key", "row_key"};
  version.online_migration->batch = sql_text(batch);
  version.online_migration->complete = sql_text("select true");
  return version;
}

Version by_functions(const std::string& query) {
  Version version;
  version.number = 2;
  version.migration_script = sql_text(R"(begin
  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb) language plpgsql as $$
  declare
    last_partition text := coalesce(state_in ->> 'partition_key', '');
    last_row text := coalesce(state_in ->> 'row_key', '');
    keys text[];
  begin
    )" + query + R"(
    return query select cardinality(keys), jsonb_build_object('row_key', keys[1]);
  end $$;
end)");
  return version;
}

lint::Explained explained(const Database& database, const Version& version) {
  pg::Connection connection = database.connect();
  return lint::explain_batches(connection, version, lint::Direction::upgrade);
}

}  // namespace

TEST_CASE("a declared batch whose plan scans the table is found", "[explain]") {
  const Database database;
  database.exec(tables);
  const std::string copy = "insert into tasks select e.row_key, e.value from entities e where ";
  const auto good =
      explained(database, declared(copy + "$range:e$ for update of e on conflict (task_id) do nothing"));
  CHECK(good.findings.empty());
  CHECK(good.notes.empty());
  CHECK(good.statements == 1);
  const auto bad =
      explained(database, declared(copy + "($range:e$ or e.value is null) on conflict do nothing"));
  REQUIRE(bad.findings.size() == 1);
  CHECK(bad.findings[0].rule == "online-batch-scans");
  CHECK(bad.findings[0].object == "table entities");
  CHECK(database.exec("select count(*) from tasks").integer(0, 0) == 0);
}

TEST_CASE("a large table is judged by the plan that it would get", "[explain]") {
  const Database database;
  database.exec(tables + R"(
    insert into entities select 'p' || n % 10, 'r' || n, '{}' from generate_series(1, 20000) n;
    analyze entities;)");
  CHECK(explained(database, declared("update entities set value = '{}' where $range$")).findings.empty());
  CHECK(explained(database, declared("delete from entities where $range$ or value = '1'")).findings.size() ==
        1);
}

TEST_CASE("a batch function's statements are explained with its variables as parameters", "[explain]") {
  const Database database;
  database.exec(tables);
  const std::string begin =
      "select array_agg(k.row_key) into keys from (select e.row_key from entities e where ";
  const std::string end = " order by e.partition_key, e.row_key limit batch_size_in for update) k;";
  const auto good = explained(
      database, by_functions(begin + "(e.partition_key, e.row_key) > (last_partition, last_row)" + end));
  CHECK(good.findings.empty());
  CHECK(good.statements == 1);
  const auto bad = explained(
      database, by_functions(begin + "e.partition_key || e.row_key > last_partition || last_row" + end));
  REQUIRE(bad.findings.size() == 1);
  CHECK(bad.findings[0].object == "function online_migration_v2_batch");
}

TEST_CASE("what is not there or built at run time is said not to be explained", "[explain]") {
  const Database database;
  const auto missing = explained(database, declared("delete from gone where $range$", "gone"));
  CHECK(missing.findings.empty());
  REQUIRE(missing.notes.size() == 1);
  CHECK(missing.notes[0] == "version 2: not explained: table gone is not there at version 2");
  const auto built = explained(database, by_functions("execute format('select 1 from %I', keys[1]);"));
  REQUIRE(built.notes.size() == 1);
  CHECK(built.notes[0].find("built at run time") != std::string::npos);
  const auto unknown = explained(database, by_functions("perform from entities where row_key > last_row;"));
  REQUIRE(unknown.notes.size() == 1);
  CHECK(unknown.notes[0].find("entities") != std::string::npos);
}

TEST_CASE("fields of records, rows and copied types are known in a batch function", "[explain]") {
  const Database database;
  database.exec(tables);
  Version version = by_functions("");
  const auto ask = [&](const std::string& declarations, const std::string& body) {
    version.migration_script = sql_text(R"(begin
  create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)
  returns table (count integer, state jsonb) language plpgsql as $$
  declare
    last_key text := coalesce(state_in ->> 'key', '');
    )" + declarations + "\n  begin\n    " +
                                        body + "\n    return query select 0, state_in;\n  end $$;\nend");
    lint::Explained answer = explained(database, version);
    for (const std::string& note : answer.notes) UNSCOPED_INFO(note);
    CHECK(answer.notes.empty());
    return answer;
  };
  const std::string loop =
      "for e in select row_key, value from entities where partition_key = 'a' and row_key > last_key order "
      "by "
      "row_key limit batch_size_in for update loop\n      ";
  CHECK(ask("e record;",
            loop + "update tasks t set value = e.value || '{}' where t.task_id = e.row_key; end loop;")
            .statements == 2);
  CHECK(ask("e record;",
            loop + "update tasks t set value = e.value where t.task_id || '' = e.row_key; end loop;")
            .findings.size() == 1);
  CHECK(ask("e entities%rowtype;", loop + "delete from tasks where task_id = e.row_key; end loop;")
            .statements == 2);
  CHECK(ask("key entities.row_key%type; other key%type;",
            "select e.row_key into key from entities e where e.partition_key = 'a' and e.row_key > key limit "
            "1; "
            "delete from tasks where task_id = key;")
            .statements == 2);
  CHECK(ask("", "execute 'delete from tasks where task_id = $1' using last_key;").findings.empty());
  CHECK(ask("", "execute 'delete from tasks where task_id || '''' = $1' using last_key;").findings.size() ==
        1);
  CHECK(ask("", "execute format('delete from %I where value is null', 'tasks');").findings.size() == 1);
}

TEST_CASE("a large table's range must be taken by the key's index", "[explain]") {
  const Database database;
  database.exec(tables + R"(
    create index entities_value on entities (value);
    insert into entities select 'p' || n % 10, 'r' || n, to_jsonb(n) from generate_series(1, 20000) n;
    analyze entities;)");
  const std::string other = "delete from entities e where $range:e$ and e.value = '7'";
  const auto found = explained(database, declared(other));
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings[0].severity == Severity::warning);
  CHECK(found.findings[0].message.find("entities_value") != std::string::npos);
  // An index that begins with the key serves as well.
  database.exec(
      "drop index entities_value; create index entities_open on entities (partition_key, row_key) "
      "where value = '7'");
  CHECK(explained(database, declared(other)).findings.empty());
}
