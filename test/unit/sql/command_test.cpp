#include "sql/command.h"

#include <nlohmann/json.hpp>

#include "sql/tree.h"
#include "test/support/catch.h"

using namespace dbtool;

namespace {

std::string shown(const sql::Command& command) {
  std::string text = command.tag;
  for (const sql::ObjectName& table : command.tables) text += " " + table.text();
  for (const sql::ObjectName& table : command.created) text += " +" + table.text();
  if (command.drops) text += " drops";
  if (command.rewrites) text += " rewrites";
  if (command.writes_rows) text += " rows";
  return text;
}

std::vector<std::string> shown(const std::vector<sql::Command>& commands) {
  std::vector<std::string> texts;
  for (const sql::Command& command : commands) texts.push_back(shown(command));
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("commands of a script name the tables that they alter, drop, truncate and make", "[command]") {
  CHECK(shown(sql::commands_of_statements(R"(
    create table fresh (id bigint);
    create temporary table passing (id bigint);
    alter table tasks add column a int, drop column b;
    alter table "Tasks" rename to things;
    alter table other.tasks set schema third;
    drop table one, other.two;
    truncate one, two;
    drop index tasks_a;
    create index on tasks (a);
    grant select on tasks to reader;
    alter table tasks alter column a type bigint;
    insert into tasks values (1);
    select 1 from tasks;
    create role somebody;)")) == Texts{"CREATE TABLE +fresh", "CREATE TABLE", "ALTER TABLE tasks drops",
                                       "ALTER TABLE \"Tasks\"", "ALTER TABLE other.tasks",
                                       "DROP TABLE one other.two drops", " one two rows", "DROP INDEX drops",
                                       "CREATE INDEX", "GRANT", "ALTER TABLE tasks rewrites", " rows"});
}

TEST_CASE("commands inside a block count, also where they are executed as constants", "[command]") {
  CHECK(shown(sql::commands_of_block(R"(begin
    if true then
      alter table tasks add column a uuid default gen_random_uuid();
    end if;
    execute 'drop table tasks';
    execute format('drop table %I', unknown);
    delete from groups;
  end)")) == Texts{"ALTER TABLE tasks rewrites", "DROP TABLE tasks drops", " rows"});
}

TEST_CASE("a part of an object is renamed by altering the object", "[command]") {
  const auto tag = [](const std::string& text) {
    return sql::command_tag(sql::parse_tree(text).at(0).at("stmt"));
  };
  CHECK(tag("alter table t rename column a to b") == "ALTER TABLE");
  CHECK(tag("alter view v rename column a to b") == "ALTER VIEW");
  CHECK(tag("alter table t rename constraint a to b") == "ALTER TABLE");
  CHECK(tag("alter type t rename attribute a to b") == "ALTER TYPE");
  CHECK(tag("alter domain d rename constraint a to b") == "ALTER DOMAIN");
  CHECK(tag("alter index i rename to j") == "ALTER INDEX");
  CHECK(tag("alter materialized view m owner to me") == "ALTER MATERIALIZED VIEW");
  CHECK(tag("alter database d owner to me").empty());
  CHECK(tag("drop event trigger e").empty());
  CHECK(tag("vacuum t").empty());
}
