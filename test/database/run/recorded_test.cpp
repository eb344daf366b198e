#include "test/database/run/run_fixture.h"

#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

void write_recorded(const RunFixture& fixture) {
  fixture.write_scripts(1, "begin\n  create table one (id int);\nend", "begin\n  drop table one;\nend");
  fixture.write_scripts(
      2, "begin\n  create table two (id int);\nend", "begin\n  drop table two;\nend",
      "methods:\n  f:\n    description: d\n    mode: read\n    serviceName: queue\n    args: ''\n"
      "    returns: int\n    body: begin return 2; end");
}

}  // namespace

TEST_CASE("The file of an applied version has changed", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(2);
  fixture.write_scripts(1, "begin\n  create table one (id bigint);\nend", "begin\n  drop table wrong;\nend");
  SECTION("an upgrade refuses, and names it") {
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("versions/0001.yml has changed"));
    fixture.accept_changed = {1, 99};
    CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("there is no version 99"));
    fixture.accept_changed = {1};
    CHECK(fixture.upgrade(2) == 2);
    CHECK(fixture.was_told("version 1: its file is recorded as it is now"));
    fixture.accept_changed = {};
    CHECK(fixture.upgrade(2) == 2);
  }
  SECTION("a downgrade takes what was applied") {
    CHECK(fixture.downgrade(0) == 0);
    CHECK_FALSE(fixture.exists("public.one"));
    CHECK(fixture.was_told("taken from the database's ledger"));
  }
}

TEST_CASE("A change of descriptions and line ends is none", "[run]") {
  RunFixture fixture;
  fixture.write_version(
      1,
      "description: a\nmigrationScript: |-\n  begin\n    create table one (id int);\n  end\n"
      "downgradeScript: |-\n  begin\n    drop table one;\n  end\nmethods: {}");
  fixture.upgrade(1);
  fixture.write_version(
      1,
      "description: b\r\nmigrationScript: |-\r\n  begin\r\n    create table one (id int);\r\n  end\r\n"
      "downgradeScript: |-\r\n  begin\r\n    drop table one;\r\n  end\r\nmethods: {}");
  CHECK(fixture.upgrade(1) == 1);
}

TEST_CASE("The way back is open without the files", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(2);
  Project project = fixture.load();
  SECTION("the newest is missing") {
    project.versions.pop_back();
  }
  SECTION("all are missing") {
    project.versions.clear();
  }
  index_methods(project);
  CHECK(fixture.go(Direction::downgrade, 0, project) == 0);
  CHECK_FALSE(fixture.exists("public.one"));
  CHECK_FALSE(fixture.exists("public.f"));
}

TEST_CASE("A database with a version table and no ledger is adopted", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.settings.version_table = "tcversion";
  fixture.database.exec(
      "create table tcversion (version int); insert into tcversion values (1); create table one (id int)");
  const auto version = [&] { return fixture.text("select version from tcversion"); };
  const Project project = fixture.load();
  SECTION("by an upgrade") {
    CHECK_THROWS(
        fixture.go(Direction::upgrade, 2, project));  // dbtool.version, which go() reads, does not exist
    CHECK(version() == "2");
    CHECK(fixture.text(
              "select string_agg(version || ' ' || adopted, ',' order by version) from dbtool.versions") ==
          "1 true,2 false");
  }
  SECTION("with nothing to do") {
    CHECK_THROWS(fixture.go(Direction::upgrade, 1, project));
    CHECK(fixture.text(
              "select string_agg(version || ' ' || adopted, ',' order by version) from dbtool.versions") ==
          "1 true");
  }
  SECTION("by a downgrade") {
    CHECK_THROWS(fixture.go(Direction::downgrade, 0, project));
    CHECK(version() == "0");
    CHECK_FALSE(fixture.exists("public.one"));
  }
}

TEST_CASE("A version row that another tool moved wins, and that is recorded", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(2);
  fixture.database.exec("drop table two; drop function f(); update dbtool.version set version = 1");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.exists("public.two"));
  CHECK(fixture.text("select count(*) from dbtool.steps where outcome = 'moved by another tool'") == "1");
}

TEST_CASE("A version table that says nonsense stops everything", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(1);
  const std::string spoil =
      GENERATE("insert into dbtool.version values (1)", "delete from dbtool.version",
               "update dbtool.version set version = 7000", "update dbtool.version set version = -1");
  fixture.database.exec(spoil);
  CHECK_THROWS_AS(fixture.upgrade(2), Error);
  CHECK_THROWS_AS(fixture.downgrade(0), Error);
  CHECK(fixture.exists("public.one"));
  CHECK_FALSE(fixture.exists("public.two"));
}

TEST_CASE("A version table that says no version is refused as such", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin\n  create table one (id int);\nend", "begin\n  drop table one;\nend");
  fixture.upgrade(1);
  const std::string said = GENERATE("4294967297", "-1", "one", "1.0");
  fixture.database.exec("alter table dbtool.version alter version type text using '" + said + "'");
  CHECK_THROWS_WITH(fixture.downgrade(0), Catch::Contains("dbtool.version says " + said));
  CHECK(fixture.exists("public.one"));
}

TEST_CASE("A ledger of a newer format is refused", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(1);
  fixture.database.exec("update dbtool.ledger set format = 99");
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("format 99"));
}

TEST_CASE("A run that was left as running by a backup does not block", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(1);
  fixture.database.exec("update dbtool.runs set outcome = 'running', finished = null");
  CHECK(fixture.upgrade(2) == 2);
  CHECK(fixture.text("select string_agg(outcome, ' ' order by run) from dbtool.runs") == "lost done");
}

TEST_CASE("The services get their access when the run before was killed too early", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin\n  create table one (id int);\nend", "begin\n  drop table one;\nend");
  fixture.files.write("schema/access.yml", "queue:\n  tables: {}\n");
  fixture.files.write("schema/tables.yml", "one:\n  id: integer\n");
  const std::string user = fixture.database.create_role("queue");
  fixture.settings.user_prefix = fixture.database.user_prefix();
  fixture.upgrade(1);
  fixture.database.exec("revoke all on dbtool.version from \"" + user +
                        "\"; revoke all on schema dbtool from \"" + user + "\"");
  fixture.upgrade(1);
  CHECK(fixture.text("select has_table_privilege('" + user + "', 'dbtool.version', 'select')") == "t");
}

TEST_CASE("Another version table than that of the ledger is not taken for an empty database", "[run]") {
  RunFixture fixture;
  write_recorded(fixture);
  fixture.upgrade(2);
  fixture.settings.version_table = "tcversion";
  CHECK_THROWS_WITH(fixture.upgrade(2), Catch::Contains("no version table tcversion") &&
                                            Catch::Contains("dbtool left it at version 2"));
  CHECK(fixture.text("select count(*) from dbtool.versions") == "2");
  CHECK(fixture.text("select recorded_version from dbtool.ledger") == "2");
}

TEST_CASE("A comment at the end of what a method returns or takes ends with its line", "[run]") {
  RunFixture fixture;
  fixture.write_version(
      1,
      "migrationScript: |-\n  begin\n    null;\n  end\ndowngradeScript: |-\n  begin\n    null;\n  "
      "end\nmethods:\n  add:\n    description: adds\n    mode: read\n    serviceName: queue\n"
      "    args: |-\n      a_in integer, -- one\n      b_in integer -- two\n"
      "    returns: |-\n      integer -- their sum\n"
      "    body: |-\n      begin\n        return a_in + b_in;\n      end\n");
  CHECK(fixture.upgrade(1) == 1);
  CHECK(fixture.text("select add(1, 2)") == "3");
  CHECK(fixture.downgrade(0) == 0);
}
