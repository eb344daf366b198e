#include "scratch/saved.h"
#include "test/database/scratch/scratch_fixture.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

using Texts = std::vector<std::string>;

void write_first(const ScratchFixture& fixture) {
  fixture.write_scripts(1, "begin\n  create table a (id bigint primary key, name text not null);\nend",
                        "begin\n  drop table a;\nend");
  fixture.files.write("schema/tables.yml", "a: {id: bigint not null, name: text not null}\n");
}

}  // namespace

TEST_CASE("Versions that come and go without a trace are clean", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(2, "begin\n  create index a_name on a (name);\nend",
                        "begin\n  drop index a_name;\nend");
  CHECK(fixture.round_trips().empty());
  CHECK(fixture.trips.reached == 2);
  CHECK(fixture.trips.trips.size() == 2);
  CHECK(fixture.trips.snapshots.size() == 2);
}

TEST_CASE("Every asymmetry is named once, at the version that causes it", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  // What is left behind also keeps the version from going up again: one fault, one finding.
  fixture.write_scripts(2,
                        "begin\n  create type mood as enum ('sad');\n  alter table a add column m mood;\nend",
                        "begin\n  alter table a drop column m;\nend");
  fixture.write_scripts(3, "begin\n  alter table a alter column name drop not null;\nend",
                        "begin\n  null;\nend");
  fixture.write_scripts(4, "begin\n  create table b (id bigint);\nend", "begin\n  drop table nothing;\nend");
  fixture.write_scripts(5, "begin\n  create index a_name on a (name);\nend",
                        "begin\n  drop index a_name;\n  create view v as select 1 as one;\nend");
  fixture.write_scripts(6, "begin\n  comment on table a is 'six';\nend",
                        "begin\n  comment on table a is null;\nend");
  fixture.files.write("schema/tables.yml",
                      "a: {id: bigint not null, name: text, m: mood}\nb: {id: bigint}\n");
  CHECK(fixture.round_trips() == Texts{"2 downgrade-leaves enum mood", "3 downgrade-changes column a.name",
                                       "4 downgrade-fails version 4", "5 downgrade-leaves view v"});
  REQUIRE(fixture.trips.findings.size() == 4);
  CHECK(fixture.trips.findings[0].place.file == "versions/0002.yml");
  CHECK(fixture.trips.findings[0].advice.find("cannot go up again") != std::string::npos);
  CHECK(fixture.trips.findings[1].expected == "not null");
  CHECK(fixture.trips.findings[1].found == "nullable");
  CHECK(fixture.trips.findings[2].message.find("table \"nothing\" does not exist") != std::string::npos);
}

TEST_CASE("Rows that a version loses are found though its way back leaves another schema as well",
          "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(2,
                        "begin\n  update a set name = upper(name) || '!' where true;\n"
                        "  alter table a add column more text;\nend",
                        "begin\n  null;\nend");
  fixture.write_scripts(3, "begin\n  delete from a where true;\n  comment on table a is 'three';\nend",
                        "begin\n  drop table nothing;\nend");
  fixture.write_scripts(4, "begin\n  create table b (id bigint);\nend", "begin\n  drop table b;\nend");
  fixture.files.write("schema/tables.yml",
                      "a: {id: bigint not null, name: text not null, more: text}\nb: {id: bigint}\n");
  CHECK(fixture.round_trips() == Texts{"2 downgrade-leaves column a.more", "3 downgrade-fails version 3"});
  CHECK(fixture.data_trips() == Texts{"2 rows-changed table a"});
}

TEST_CASE("A version that cannot go up a second time is found though its catalog came back", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(2,
                        "begin\n  if exists (select from a) then raise 'not twice'; end if;\n"
                        "  create index a_name on a (name);\nend",
                        "begin\n  drop index a_name;\n  insert into a values (1, 'x');\nend");
  fixture.write_scripts(3, "begin\n  create index a_both on a (id, name);\nend",
                        "begin\n  drop index a_both;\nend");
  CHECK(fixture.round_trips() == Texts{"2 second-upgrade-fails version 2"});
  CHECK(fixture.trips.reached == 3);
}

TEST_CASE("A second upgrade that makes something else is found", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(2,
                        "begin\n  if exists (select from a) then create index a_two on a (name);\n"
                        "  else create index a_one on a (name); end if;\nend",
                        "begin\n  drop index if exists a_one;\n  drop index if exists a_two;\n"
                        "  insert into a values (1, 'x');\nend");
  CHECK(fixture.round_trips() == Texts{"2 second-upgrade-lacks index a_one"});
  CHECK(fixture.trips.findings[0].found == "the same, named a_two");
}

TEST_CASE("What a script leaves in its session is gone before the version's next way", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(
      2,
      "begin\n  if current_setting('test.seen', true) = 'yes' then raise 'seen'; end if;\n"
      "  perform set_config('test.seen', 'yes', false);\n"
      "  create temporary table notes (id bigint);\n  create index a_name on a (name);\nend",
      "begin\n  drop index a_name;\nend");
  CHECK(fixture.round_trips().empty());
  CHECK(fixture.trips.reached == 2);
}

TEST_CASE("A version that does not go up ends the walk and is named with its place", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(2, "begin\n  alter tabel a add column b text;\nend", "begin\n  null;\nend");
  fixture.write_scripts(3, "begin\n  null;\nend", "begin\n  null;\nend");
  CHECK(fixture.round_trips() == Texts{"2 upgrade-fails version 2", "(2 not-judged version 3)"});
  CHECK(fixture.trips.findings[0].place == (Place{"versions/0002.yml", 4, 11}));
  CHECK(fixture.trips.reached == 1);
}

TEST_CASE("What shows only when all versions go in one go is found", "[scratch]") {
  ScratchFixture fixture;
  // Alone, version 1 never meets the row that version 2 leaves behind.
  fixture.write_scripts(
      1, "begin\n  create table log (id bigint);\nend",
      "begin\n  if exists (select from log) then create view trace as select 1 as one; end if;\n"
      "  drop table log;\nend");
  fixture.write_scripts(2, "begin\n  create index log_id on log (id);\nend",
                        "begin\n  drop index log_id;\n  insert into log values (1);\nend");
  fixture.files.write("schema/tables.yml", "log: {id: bigint}\n");
  CHECK(fixture.round_trips() == Texts{"0 downgrade-leaves view trace"});
}

TEST_CASE("The order of columns that came back is a note", "[scratch]") {
  ScratchFixture fixture;
  fixture.write_scripts(1, "begin\n  create table a (one text, two text, three text);\nend",
                        "begin\n  drop table a;\nend");
  fixture.write_scripts(2, "begin\n  alter table a drop column one;\nend",
                        "begin\n  alter table a add column one text;\nend");
  fixture.files.write("schema/tables.yml", "a: {two: text, three: text}\n");
  CHECK(fixture.round_trips() == Texts{"(2 downgrade-changes table a)"});
}

TEST_CASE("After a column came back elsewhere the walk goes on from what the versions make", "[scratch]") {
  ScratchFixture fixture;
  fixture.write_scripts(1, "begin\n  create table a (one int, two text);\nend",
                        "begin\n  drop table a;\nend");
  // The second way up leaves the column where the way down has put it.
  fixture.write_scripts(2, "begin\n  alter table a alter column one type bigint;\nend",
                        "begin\n  alter table a drop column one;\n  alter table a add column one int;\nend");
  fixture.write_scripts(3, "begin\n  create index a_one on a (one);\nend", "begin\n  drop index a_one;\nend");
  fixture.files.write("schema/tables.yml", "a: {one: bigint, two: text}\n");
  CHECK(fixture.round_trips() ==
        Texts{"(2 downgrade-changes table a)", "(2 second-upgrade-changes table a)"});
  const Project project = fixture.load();
  scratch::Host host(project, {shared_server_url(), 0});
  const auto saved = scratch::snapshot_files(host, fixture.clock, [] { return 0; });
  REQUIRE(saved.size() == fixture.trips.snapshots.size());
  for (std::size_t i = 0; i < saved.size(); ++i) CHECK(saved[i].text == fixture.trips.snapshots[i].text);
}

TEST_CASE("An extension that a version leaves behind is found, one of the settings is not", "[scratch]") {
  ScratchFixture fixture;
  fixture.settings.extensions = {"hstore"};
  write_first(fixture);
  fixture.write_scripts(2, "begin\n  create extension if not exists citext;\nend", "begin\n  null;\nend");
  CHECK(fixture.round_trips() == Texts{"2 downgrade-leaves extension citext"});
}

TEST_CASE("The declared files are judged at the top", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.files.write("schema/tables.yml", "a: {id: bigint not null, name: text}\n");
  CHECK(fixture.round_trips() == Texts{"0 column-null column a.name"});
}

TEST_CASE("Nothing of a scratch run stays on a server of somebody else's", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.files.write("schema/access.yml", "queue: {tables: {a: read}}\n");
  fixture.write_scripts(1,
                        "begin\n  create table a (id bigint primary key, name text not null);\n"
                        "  grant select on a to $db_user_prefix$_queue;\nend",
                        "begin\n  drop table a;\nend");
  OwnServer server;  // other tests have databases of theirs on the shared one
  CHECK(fixture.round_trips(server->url()).empty());
  pg::Connection connection = pg::Connection::open({.url = server->url()});
  CHECK(connection.exec("select count(*) from pg_database where datname like 'dbtool%'").integer(0, 0) == 0);
  CHECK(connection.exec("select count(*) from pg_roles where rolname like 'dbtool%'").integer(0, 0) == 0);
}

TEST_CASE(
    "A role of the settings that is missing on somebody else's server is made by another name and dropped",
    "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.settings.role = "settings_owner";
  OwnServer server;
  pg::Connection connection = pg::Connection::open({.url = server->url()});
  connection.exec("create role maker login createdb createrole");
  const std::string others =
      "select string_agg(rolname, ' ' order by rolname) from pg_roles where rolname !~ '^pg_'";
  fixture.write_scripts(
      2, "begin\n  if current_user !~ '^dbtool_scratch_' then raise '%', current_user; end if;\nend",
      "begin\n  null;\nend");
  // A role that may make roles is no superuser.
  CHECK(fixture.round_trips(server->url("postgres", "maker")).empty());
  CHECK(connection.exec(others).text(0, 0) == "maker postgres");
  // One that is there is used, and stays.
  connection.exec("create role settings_owner");
  fixture.files.remove("versions/0002.yml");
  CHECK(fixture.round_trips(server->url()).empty());
  CHECK(connection.exec(others).text(0, 0) == "maker postgres settings_owner");
}

TEST_CASE("What keeps all versions from going down in one go is told", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  // Each version alone is let go, both together are not.
  fixture.write_scripts(
      1,
      "begin\n  create table a (id bigint primary key, name text not null);\n"
      "  create function guard() returns trigger language plpgsql as 'begin raise ''no''; end';\n"
      "  create trigger guard before insert on dbtool.runs for each row\n"
      "    when (new.from_version - new.goal > 1) execute function guard();\nend",
      "begin\n  drop trigger guard on dbtool.runs;\n  drop function guard();\n  drop table a;\nend");
  fixture.write_scripts(2, "begin\n  create index a_name on a (name);\nend",
                        "begin\n  drop index a_name;\nend");
  CHECK(fixture.round_trips() == Texts{"2 downgrade-fails version 2"});
  REQUIRE(fixture.trips.findings.size() == 1);
  CHECK(fixture.trips.findings[0].message.find("all versions down in one go") != std::string::npos);
}

TEST_CASE("A wish to stop ends a scratch run", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.interrupts = 1;
  try {
    fixture.round_trips();
    FAIL("it went on");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::stopped);
  }
}

TEST_CASE("A version that changes a published table is a note", "[scratch]") {
  ScratchFixture fixture;
  write_first(fixture);
  fixture.write_scripts(2, "begin\n  create publication feed for table a;\nend",
                        "begin\n  drop publication feed;\nend");
  fixture.write_scripts(3, "begin\n  alter table a alter column name drop not null;\nend",
                        "begin\n  alter table a alter column name set not null;\nend");
  fixture.files.write("schema/tables.yml", "a: {id: bigint not null, name: text}\n");
  CHECK(fixture.round_trips() == Texts{"(3 published-table-changes publication feed)"});
  REQUIRE(fixture.trips.findings.size() == 1);
  CHECK(fixture.trips.findings[0].message.find("version 3 changes a: subscribers") == 0);
}
