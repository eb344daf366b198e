#include "run/losses.h"

#include "ledger/ledger.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

std::vector<std::string> losses(const RunFixture& fixture, int goal) {
  Project project = fixture.load();
  pg::Connection connection = fixture.database.connect();
  ledger::State state;
  const run::Plan plan = run::plan_for(connection, project, {Direction::downgrade, goal}, state);
  return run::losses_of(connection, plan, project.settings).texts;
}

}  // namespace

TEST_CASE("A downgrade names the tables, columns and rows that it loses", "[run]") {
  RunFixture fixture;
  fixture.write_scripts(1, "begin\n  create table one (id int);\n  create table \"None\" (id int);\nend",
                        "begin\n  drop table one, \"None\";\nend");
  fixture.write_scripts(2, "begin\n  alter table one add column label text;\nend",
                        "begin\n  alter table one drop column label;\nend",
                        "loses: |-\n  the names\nmethods: {}");
  fixture.write_scripts(3, "begin\n  create table two (id int);\nend",
                        "begin\n  insert into one select id from two;\n  drop table two;\nend");
  fixture.upgrade(3);
  CHECK(losses(fixture, 2).empty());
  CHECK(losses(fixture, 0) == std::vector<std::string>{"version 2: the names"});
  fixture.database.exec("insert into one values (1, 'a'), (2, null); insert into two values (3)");
  CHECK(losses(fixture, 2).empty());
  CHECK(losses(fixture, 0) == std::vector<std::string>{"version 2: the names",
                                                       "version 2: column one.label (1 row)",
                                                       "version 1: table one (2 rows)"});
}
