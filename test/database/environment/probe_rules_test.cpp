#include "test/database/environment/probed_project.h"
#include "test/support/catch.h"

using namespace dbtool::test;
using nlohmann::json;

TEST_CASE("What would keep the services from their tables is not run, and named", "[environment][probe]") {
  const ProbedProject project(R"(alter table items add column owner text;
create index items_note on items (note);
truncate kinds;
lock table kinds in share mode;
alter table items alter column kind type varchar(30);
create table orders (id integer primary key, item integer references items);
perform dblink_exec('host=elsewhere', 'delete from everything');
execute 'drop table ' || 'kinds';
update items set note = 'y';)");
  // Whoever would take a lock would wait for this reader.
  auto reader = project.database.connect();
  reader.exec("begin; select count(*) from items; select count(*) from kinds");
  const std::string before = project.picture();
  const auto told = project.dbtool({"environment", "probe"});
  INFO(told.errors);
  REQUIRE(told.exit_status == 0);
  CHECK(project.picture() == before);
  CHECK(
      contains(told.output, "locks items (access exclusive): services could not read or write it meanwhile"));
  CHECK(contains(told.output,
                 "locks items (share): services could not write it meanwhile; ITS TIME IS NOT COUNTED"));
  CHECK(contains(told.output, "locks kinds (access exclusive)"));
  CHECK(contains(told.output, "locks kinds (share)"));
  CHECK(contains(told.output, "locks items (share row exclusive)"));
  CHECK(contains(told.output, "dblink_exec reaches outside"));
  CHECK(contains(told.output, "its text is made while it runs"));
  CHECK(contains(told.output, "update items set note = 'y'"));
  const json probe = project.probe();
  CHECK(statement(probe, "alter table items add")["takes_time"] == false);
  CHECK(statement(probe, "alter table items alter")["takes_time"] == true);
  CHECK(statement(probe, "create index")["portions"].empty());
  CHECK(contains(probe["parts"][0]["missing"], "create index items_note"));
  CHECK(contains(project.dbtool({"status", "--format", "json"}).output,
                 "not counted: create index items_note"));
}

TEST_CASE("Functions and triggers that reach outside are found behind their names", "[environment][probe]") {
  const ProbedProject project(
      "update items set note = outer_one(note);\ninsert into kinds values ('a', 'b');");
  project.database.exec(R"(
      create sequence numbers;
      create function inner_one(text) returns text language plpgsql as
        'begin perform setval(''numbers'', 7); return $1; end';
      create function outer_one(text) returns text language plpgsql as 'begin return inner_one($1); end';
      create function told() returns trigger language plpgsql as
        'begin lock table items in access exclusive mode; return new; end';
      create trigger told before insert on kinds for each row execute function told())");
  const json probe = project.probe();
  CHECK(
      contains(statement(probe, "update items")["not_probed"], "function inner_one: setval sets a sequence"));
  CHECK(contains(statement(probe, "insert into kinds")["not_probed"],
                 "a trigger of kinds: function told may lock or change more than the probed rows"));
  CHECK(project.database.exec("select is_called from numbers").text(0, 0) == "f");
}

TEST_CASE("Nothing that a script makes opens the way to what it has not made", "[environment][probe]") {
  const ProbedProject project(R"(create table copies (id integer, label text);
create index on copies (label);
refresh materialized view seen;
create or replace view shown as select id from items where id > 1;
update parted set id = id;
update shown set id = id;
delete from parents;
perform make_part();
perform set_config('lock_timeout', '0', true);
insert into copies select id, note from items;)");
  project.database.exec(R"(
      create materialized view seen as select id from items;
      create view shown as select id from items;
      create table parted (id integer) partition by range (id);
      create table part partition of parted default;
      create table parents (id integer primary key);
      create table children (id integer references parents on delete cascade);
      create function make_part() returns void language plpgsql as
        'begin execute ''create table more (id integer)''; end';)");
  const json probe = project.probe();
  for (const char* beginning : {"refresh", "create or replace view", "update parted", "update shown",
                                "delete from parents", "perform make_part", "perform set_config"}) {
    INFO(beginning);
    CHECK(statement(probe, beginning)["not_probed"] != "");
  }
  CHECK(contains(statement(probe, "delete from parents")["not_probed"], "changes rows of other tables"));
  CHECK(statement(probe, "create index on copies")["not_probed"] == "");
  CHECK(statement(probe, "insert into copies")["not_probed"] == "");
}

TEST_CASE("What variables are set to is not run behind their backs", "[environment][probe]") {
  const ProbedProject project("null;");
  project.database.exec("create sequence numbers");
  const auto write_block = [&](const std::string& declaration, const std::string& body) {
    project.files.write("versions/0002.yml",
                        "version: 2\nmigrationScript: |-\n  declare\n    " + declaration + "\n  begin\n    " +
                            body +
                            "\n    update items set note = 'y';\n  end\n"
                            "downgradeScript: |-\n  begin\n    null;\n  end\nmethods: {}\n");
  };
  write_block("largest bigint := setval('numbers', 7);", "null;");
  CHECK(contains(statement(project.probe(), "update items")["not_probed"],
                 "declarations: setval sets a sequence"));
  write_block("largest bigint;", "largest := setval('numbers', 7);");
  const json assigned = project.probe();
  CHECK(contains(statement(assigned, "largest :=")["not_probed"], "setval sets a sequence"));
  CHECK(statement(assigned, "update items")["not_probed"] == "");
  write_block("largest bigint;", "select setval('numbers', 7) into largest;");
  CHECK(contains(statement(project.probe(), "select setval")["not_probed"], "setval sets a sequence"));
  CHECK(project.database.exec("select is_called from numbers").text(0, 0) == "f");
}

TEST_CASE("What is outside of the database is not written to", "[environment][probe]") {
  const ProbedProject project("insert into far select id from items;");
  project.database.exec(R"(
      create foreign data wrapper nowhere; create server elsewhere foreign data wrapper nowhere;
      create foreign table far (id integer) server elsewhere)");
  CHECK(contains(statement(project.probe(), "insert into far")["not_probed"], "far is a foreign table"));
}
