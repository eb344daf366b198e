#include "check/check.h"

#include <algorithm>

#include "base/file.h"
#include "catalog/diff.h"
#include "catalog/full.h"
#include "catalog/snapshot.h"
#include "scratch/expectation.h"
#include "scratch/origin.h"
#include "scratch/saved.h"
#include "test/database/run/run_fixture.h"
#include "test/support/catch.h"
#include "test/support/server.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

using Texts = std::vector<std::string>;

/// A live database at version 2 of a small project, and what it should be by a scratch database.
class FullFixture : public RunFixture {
 public:
  FullFixture() {
    settings.user_prefix = database.user_prefix();
    database.create_role("queue");
    files.write("schema/tables.yml",
                "tasks: {id: bigint not null, name: text, run: integer not null}\nworkers: {id: bigint}\n");
    files.write("schema/access.yml", "queue: {tables: {tasks: read}}\n");
    write_scripts(1,
                  "begin\n"
                  "  create table tasks (id bigint primary key, name text, run integer not null default 0);\n"
                  "  create table workers (id bigint);\n"
                  "  grant select on tasks to $db_user_prefix$_queue;\nend",
                  "begin\n  drop table workers, tasks;\nend");
    write_scripts(2, "begin\n  create index tasks_name on tasks (name);\nend",
                  "begin\n  drop index tasks_name;\nend",
                  "methods:\n  task_name:\n    description: x\n    mode: read\n    serviceName: queue\n"
                  "    args: id_in bigint\n    returns: text\n    body: |-\n      begin\n"
                  "        return (select name from tasks where id = id_in);\n      end");
    upgrade(2);
  }

  Texts check() {
    const Project project = load();
    scratch::Host host(project, {shared_server_url(), 0});
    expected = scratch::expected_catalog(host, clock, 2, [] { return 0; });
    return check_against(project);
  }

  Texts check_against(const Project& project) {
    const scratch::Origins origins(project, 2);
    pg::Connection connection = database.connect();
    outcome = check::check_full(connection, project, 2, 0,
                                {expected, [&](const Object& object) { return origins.of(object); }},
                                check::read_live(connection, project.settings));
    Texts texts;
    for (const Finding& finding : outcome.outcome.findings) {
      std::string text = finding.rule + " " + finding.object;
      if (!finding.place.file.empty()) text += " " + to_text(finding.place);
      texts.push_back(std::move(text));
    }
    return texts;
  }

  Catalog expected;
  check::FullOutcome outcome;
};

}  // namespace

TEST_CASE("A database is what its versions make, whoever its users are", "[check]") {
  FullFixture fixture;
  CHECK(fixture.check().empty());
  CHECK(fixture.outcome.outcome.objects > 5);
}

TEST_CASE("Two connections read of a live database what one reads", "[check]") {
  FullFixture fixture;
  const Settings settings = fixture.load().settings;
  pg::Connection first = fixture.database.connect();
  pg::Connection second = fixture.database.connect();
  const check::LiveCatalog by_one = check::read_live(first, settings);
  const check::LiveCatalog by_two = check::read_live(first, settings, &second);
  CHECK(by_one.owner == by_two.owner);
  REQUIRE(by_one.full.size() == by_two.full.size());
  for (std::size_t i = 0; i < by_one.full.size(); ++i) {
    CHECK(by_one.full[i].kind == by_two.full[i].kind);
    CHECK(by_one.full[i].identity == by_two.full[i].identity);
  }
  CHECK(catalog::diff_full(by_one.full, by_two.full).empty());
  CHECK(catalog::diff_full(by_one.schema.objects, by_two.schema.objects).empty());
  CHECK(by_one.schema.columns.list.size() == 4);
  CHECK(catalog::diff(by_one.schema.columns.list, by_two.schema.columns.list).empty());
}

TEST_CASE("What was changed by hand is named once, with the statement that made it", "[check]") {
  const std::vector<std::pair<std::string, Texts>> drifts{
      {"alter table tasks alter column run set default 1",
       {"column-default column tasks.run versions/0001.yml:4:5"}},
      {"alter table tasks alter column run drop not null",
       {"column-null column tasks.run versions/0001.yml:4:5"}},
      {"drop index tasks_name", {"index-missing index tasks_name versions/0002.yml:4:5"}},
      {"create index by_hand on workers (id)", {"index-undeclared index by_hand"}},
      {"alter function task_name(bigint) stable",
       {"function-volatility function task_name(bigint) versions/0002.yml:11:3"}},
      {"drop function task_name(bigint)",
       {"function-missing function task_name(bigint) versions/0002.yml:11:3"}},
      {"create table more (id bigint primary key)", {"table-undeclared table more"}},
      {"drop table workers", {"table-missing table workers versions/0001.yml:5:5"}},
      {"comment on column workers.id is 'x'", {"column-comment column workers.id versions/0001.yml:5:5"}},
      {"alter table tasks add constraint positive check (run >= 0)",
       {"constraint-undeclared constraint tasks.positive versions/0001.yml:4:5"}},
      {"create type mood as enum ('sad')", {"enum-undeclared enum mood"}},
      {"alter index tasks_name rename to other", {"index-missing index tasks_name versions/0002.yml:4:5"}},
      {"alter table \"workers\" rename column id to \"Id\"",
       {"column-missing column workers.id versions/0001.yml:5:5"}},
      {"alter table tasks rename to jobs", {"table-missing table tasks versions/0001.yml:4:5"}},
      {"alter table tasks rename to jobs; alter table jobs rename run to ran; alter table jobs alter ran set "
       "default 1",
       {"table-undeclared table jobs", "table-missing table tasks versions/0001.yml:4:5"}},
      {"alter function task_name(bigint) rename to name_of_task",
       {"function-missing function task_name(bigint) versions/0002.yml:11:3"}},
      {"alter table workers enable row level security",
       {"table-row-security table workers versions/0001.yml:5:5"}},
  };
  for (const auto& [sql, expected] : drifts) {
    INFO(sql);
    FullFixture drifted;
    drifted.database.exec(sql);
    CHECK(drifted.check() == expected);
  }
}

TEST_CASE("Ends of lines as Windows has them are no difference in a function's body", "[check]") {
  // Of a side file that another tool applied as it was.
  FullFixture fixture;
  fixture.database.exec(
      "do $do$ begin execute replace(pg_get_functiondef('task_name(bigint)'::regprocedure), E'\\n', "
      "E'\\r\\n'); end $do$");
  CHECK(fixture.check().empty());
}

TEST_CASE("A right that is gone is named as in the other depths, and once", "[check]") {
  FullFixture fixture;
  fixture.database.exec("revoke select on tasks from " + fixture.database.user_prefix() + "_queue");
  CHECK(fixture.check() == Texts{"grant-missing grant " + fixture.database.user_prefix() +
                                 "_queue on tasks versions/0001.yml:6:5"});
}

TEST_CASE("A right on a column is named once", "[check]") {
  FullFixture fixture;
  const std::string user = fixture.database.user_prefix() + "_queue";
  fixture.database.exec("grant update (name) on tasks to " + user);
  CHECK(fixture.check() ==
        Texts{"grant-undeclared grant " + user + " on column public.tasks.name versions/0001.yml:4:5"});
}

TEST_CASE("What is usual, and what is otherwise, is said in words", "[check]") {
  struct Drift {
    const char* sql;
    const char* fact;
    const char* expected;
    const char* found;
  };
  const std::vector<Drift> drifts{
      {"alter function task_name(bigint) stable", "volatility", "volatile", "stable"},
      {"revoke execute on function task_name(bigint) from public", "privileges",
       "what the server gives of itself", "none"},
      {"create function noted() returns trigger language plpgsql as 'begin return new; end';"
       "create trigger noted after insert on tasks for each row execute function noted()",
       "", "", "a function, not declared"},
      {"alter index tasks_name rename to other", "",
       "CREATE INDEX tasks_name ON public.tasks USING btree (name)", "the same, named other"},
      {"alter table tasks rename to jobs", "", "a table", "the same, named jobs"},
      {"alter table tasks rename run to ran", "", "integer not null", "the same, named tasks.ran"},
  };
  for (const Drift& drift : drifts) {
    INFO(drift.sql);
    FullFixture fixture;
    fixture.database.exec(drift.sql);
    fixture.check();
    REQUIRE_FALSE(fixture.outcome.outcome.findings.empty());
    const Finding& finding = fixture.outcome.outcome.findings.front();
    CHECK(finding.fact == drift.fact);
    CHECK(finding.expected == drift.expected);
    CHECK(finding.found == drift.found);
  }
}

TEST_CASE("Ignore rules hold for every kind of object", "[check]") {
  FullFixture fixture;
  fixture.settings.ignore = {{"index", "by_*", "ad hoc"}, {"enum", "mood", "ours"}};
  fixture.database.exec("create index by_hand on workers (id); create type mood as enum ('sad')");
  CHECK(fixture.check().empty());
  CHECK(fixture.outcome.outcome.ignored == 2);
  CHECK(fixture.outcome.outcome.ignored_reasons == Texts{"ours", "ad hoc"});
  CHECK(fixture.outcome.differences.empty());
}

TEST_CASE("What was renamed is renamed by one statement, unless a rule ignores either name", "[check]") {
  FullFixture fixture;
  fixture.database.exec("alter table tasks rename to jobs");
  CHECK(fixture.check().size() == 1);
  CHECK(fixture.outcome.differences.empty());
  REQUIRE(fixture.outcome.renamed.size() == 1);
  CHECK(fixture.outcome.renamed[0].live.identity == "public.jobs");
  for (const std::string name : {"tasks", "jobs"}) {
    fixture.settings.ignore = {{"table", name, "by hand"}};
    fixture.check();
    CHECK(fixture.outcome.renamed.empty());
    CHECK_FALSE(fixture.outcome.differences.empty());
  }
}

TEST_CASE("Attributes, memberships and basic rights of users are mended by statements", "[check]") {
  FullFixture fixture;
  const std::string user = fixture.database.user_prefix() + "_queue";
  const std::string other = fixture.database.create_role("other");
  fixture.database.exec("alter role " + user + " createdb password 'secret'; grant " + other + " to " + user +
                        "; revoke usage on schema dbtool from " + user);
  CHECK(fixture.check().size() == 3);
  Texts statements;
  for (const catalog::Mend& mend : fixture.outcome.of_users) statements.push_back(mend.sql);
  std::sort(statements.begin(), statements.end());
  CHECK(statements == Texts{"alter role " + user + " nocreatedb;",
                            "grant usage on schema dbtool to " + user + ";",
                            "revoke " + other + " from " + user + ";"});
  for (const std::string& sql : statements) fixture.database.exec(sql);
  CHECK(fixture.check().empty());
  CHECK(fixture.outcome.of_users.empty());
  fixture.database.exec("alter role " + user + " createrole");
  fixture.settings.ignore = {{"user", "*", "by hand"}};
  CHECK(fixture.check().empty());
  CHECK(fixture.outcome.of_users.empty());
}

TEST_CASE("A saved catalog stands for a scratch database at every version", "[check]") {
  FullFixture fixture;
  const Project project = fixture.load();
  scratch::Host host(project, {shared_server_url(), 0});
  const auto files = scratch::snapshot_files(host, fixture.clock, [] { return 0; });
  CHECK(scratch::stale_snapshot(project, host.server_version() / 10000, files).empty());  // none is kept
  CHECK(scratch::save_snapshot(project, files).size() == 2);
  CHECK(scratch::save_snapshot(project, files).empty());
  CHECK(scratch::stale_snapshot(project, host.server_version() / 10000, files).empty());
  for (int version = 0; version <= 2; ++version) {
    INFO(version);
    const Catalog expected = scratch::expected_catalog(host, fixture.clock, version, [] { return 0; });
    if (version > 0)
      CHECK(catalog::diff_full(expected, catalog::read_snapshot(project, version).objects).empty());
  }
  fixture.expected = catalog::read_snapshot(project, 2).objects;
  CHECK(fixture.check_against(project).empty());
  fixture.database.exec("drop index tasks_name");
  CHECK(fixture.check_against(project) == Texts{"index-missing index tasks_name versions/0002.yml:4:5"});
}

TEST_CASE("A saved catalog that does not fit its versions is refused and found stale", "[check]") {
  FullFixture fixture;
  Project project = fixture.load();
  scratch::Host host(project, {shared_server_url(), 0});
  const auto files = scratch::snapshot_files(host, fixture.clock, [] { return 0; });
  scratch::save_snapshot(project, files);
  const int major = host.server_version() / 10000;
  const std::string second = "schema/catalog/0002.jsonl";
  const std::string good = read_file(project.directory / second);

  fixture.files.write(second, good + "{\"kind\": \"index\"\n");
  CHECK_THROWS_WITH(catalog::read_snapshot(project, 2),
                    Catch::Matchers::Contains("0002.jsonl:") && Catch::Matchers::Contains("damaged"));
  fixture.files.write(second, "");
  CHECK_THROWS_WITH(catalog::read_snapshot(project, 2), Catch::Matchers::Contains("empty"));
  fixture.files.remove(second);
  CHECK_THROWS_WITH(catalog::read_snapshot(project, 2), Catch::Matchers::Contains("missing"));
  CHECK(scratch::stale_snapshot(project, major, files).size() == 1);

  fixture.files.write(second, good);
  fixture.files.write("schema/catalog/0003.jsonl", good);
  CHECK(scratch::stale_snapshot(project, major, files).size() == 1);
  CHECK(scratch::save_snapshot(project, files) == Texts{"schema/catalog/0003.jsonl"});
  fixture.write_scripts(2, "begin\n  create index tasks_name on tasks (name, run);\nend",
                        "begin\n  null;\nend");
  CHECK_THROWS_WITH(catalog::read_snapshot(fixture.load(), 2), Catch::Matchers::Contains("another text"));
}

TEST_CASE("What serves both forms of an online migration is a note, and nothing mends it", "[check]") {
  FullFixture fixture;
  fixture.check();
  fixture.database.exec(
      "create or replace function task_name(id_in bigint) returns text language plpgsql as "
      "'begin return 1; end'; create index by_hand on workers (id)");
  const Project project = fixture.load();
  pg::Connection connection = fixture.database.connect();
  const check::FullOutcome full = check::check_full(connection, project, 2, 2, {fixture.expected, {}},
                                                    check::read_live(connection, project.settings));
  REQUIRE(full.outcome.findings.size() == 2);
  CHECK(full.outcome.findings[0].object == "index by_hand");
  CHECK(full.outcome.findings[1].object == "function task_name(bigint)");
  CHECK(full.outcome.findings[1].severity == Severity::note);
  REQUIRE(full.differences.size() == 1);
  CHECK(full.differences[0].found->identity == "public.by_hand");
}

TEST_CASE("A difference hides no other one of the same object", "[check]") {
  FullFixture fixture;
  fixture.files.write("schema/tables.yml",
                      "tasks: {id: bigint not null, name: text not null, run: integer not null}\n"
                      "workers: {id: bigint}\n");
  fixture.database.exec("alter table tasks alter column name set default 'x'");
  CHECK(fixture.check() == Texts{"column-default column tasks.name versions/0001.yml:4:5",
                                 "column-null column tasks.name schema/tables.yml:1:30"});
  fixture.settings.ignore = {{"column", "tasks.name", "ours"}};
  CHECK(fixture.check().empty());
  CHECK(fixture.outcome.outcome.ignored == 2);
}
