#include <fmt/format.h>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;

TEST_CASE("Who may not read the ledger is told which rights that takes, and which database it is", "[cli]") {
  SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  const std::string role = project.database.create_role("reader");
  const auto status = [&] {
    return run_dbtool({"-C", project.files.path().string(), "--url", project.database.url(role), "status"});
  };
  for (const char* missing : {"permission denied for schema dbtool", "permission denied for table"}) {
    const auto outcome = status();
    CHECK(outcome.exit_status == 1);
    CHECK(contains(outcome.errors, "database " + project.database.name()));
    CHECK(contains(outcome.errors, role + " may not read what dbtool has recorded in this database"));
    CHECK(contains(outcome.errors, missing));
    CHECK(contains(outcome.errors, "grant select on all tables in schema dbtool to \"" + role + "\""));
    project.database.exec("grant usage on schema dbtool to " + role);
  }
  project.database.exec("grant select on all tables in schema dbtool to " + role);
  CHECK(status().exit_status == 0);
}

TEST_CASE("A version table that cannot be made is told of before anything is begun", "[cli]") {
  SmallProject project;
  const auto refused = [&](const std::string& with) {
    const auto outcome = project.dbtool({"upgrade", "--version-table", "meta.version"});
    CHECK(outcome.exit_status == 1);
    CHECK(contains(outcome.errors, with));
    CHECK(project.database.exec("select to_regnamespace('dbtool') is null").boolean(0, 0));
  };
  refused("schema meta of the version table does not exist: create schema \"meta\";");
  project.database.exec("create schema meta; grant usage on schema meta to " + project.database.owner());
  refused(project.database.owner() + " may not make the version table in schema meta");
  project.database.exec("alter schema meta owner to " + project.database.owner());
  CHECK(project.dbtool({"upgrade", "--version-table", "meta.version"}).exit_status == 0);
}

TEST_CASE("Times are written in one order, whatever the role has set", "[cli]") {
  const SmallProject project;
  project.database.exec("alter role " + project.database.owner() + " set DateStyle = 'SQL, DMY'");
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  const std::string year(
      project.database.exec("select to_char(max(finished), 'YYYY-') from dbtool.runs").text(0, 0));
  CHECK(contains(project.dbtool({"status"}).output, "done, " + year));
  CHECK(contains(project.dbtool({"--format", "json", "history"}).output, "\"" + year));
}

TEST_CASE("A time limit that the role has is named, with the way around it", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  project.database.exec("alter role " + project.database.owner() + " set statement_timeout = '300ms'");
  auto transaction = project.database.connect();
  transaction.exec("begin; lock table dbtool.ledger in access exclusive mode");
  const auto outcome = project.dbtool({"status"});
  CHECK(outcome.exit_status == 1);
  CHECK(contains(outcome.errors, "PGOPTIONS='-c statement_timeout=0'"));
}

TEST_CASE("Who waits for a lock on the ledger is told who holds it", "[cli]") {
  const SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  auto transaction = project.database.connect();
  transaction.exec(
      "begin; set local idle_in_transaction_session_timeout = '4s';"
      "lock table dbtool.ledger in access exclusive mode");
  const auto outcome = project.dbtool({"status"});
  CHECK(outcome.exit_status == 0);
  CHECK(contains(outcome.errors,
                 fmt::format("note: waiting for a lock, held by pid {} ", transaction.backend_pid())));
}

TEST_CASE("A login that does not inherit its role's rights works as that role from the start", "[cli]") {
  SmallProject project;
  const std::string login = project.database.create_role("login", "login noinherit");
  project.database.exec("grant " + project.database.owner() + " to " + login);
  const auto dbtool = [&](std::vector<std::string> words) {
    const std::vector<std::string> where{"-C",
                                         project.files.path().string(),
                                         "--url",
                                         project.database.url(login),
                                         "--user-prefix",
                                         project.database.user_prefix(),
                                         "--role",
                                         project.database.owner()};
    words.insert(words.begin(), where.begin(), where.end());
    return run_dbtool(words);
  };
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"upgrade"},
                                             {"status", "--exit-code"},
                                             {"check"},
                                             {"check", "--full"},
                                             {"history"},
                                             {"downgrade", "1"},
                                             {"upgrade"},
                                             {"call", "put_task", "priority_in=1", "task_id_in=a"},
                                             {"plan", "1"},
                                             {"report"}}) {
    const auto outcome = dbtool(command);
    CAPTURE(command, outcome.output, outcome.errors);
    CHECK(outcome.exit_status == 0);
  }
  CHECK(project.database
            .exec("select string_agg(distinct tableowner, ',') from pg_tables where schemaname in "
                  "('public', 'dbtool')")
            .text(0, 0) == project.database.owner());
}

TEST_CASE("Services may read the version also where a run has failed above it", "[cli]") {
  const SmallProject project;
  project.files.write("versions/0003.yml",
                      "version: 3\nmethods: {}\nmigrationScript: |\n  begin\n    perform 1 / 0;\n  end\n"
                      "downgradeScript: |\n  begin\n    null;\n  end\n");
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 1);
  CHECK(project.dbtool({"check"}).exit_status == 0);
  // As a killed run leaves it: the way back makes it good.
  const std::string service = project.database.user_prefix() + "_queue";
  project.database.exec("revoke all on dbtool.version from " + service);
  CHECK(project.dbtool({"check"}).exit_status == 3);
  REQUIRE(project.dbtool({"downgrade", "1"}).exit_status == 0);
  CHECK(project.dbtool({"check"}).exit_status == 0);
}

TEST_CASE("Who may not go back is told whose the tables are", "[cli]") {
  SmallProject project;
  REQUIRE(project.dbtool({"upgrade"}).exit_status == 0);
  project.database.exec("insert into tasks values ('a', 1)");
  SECTION("a table of another role") {
    const std::string other = project.database.create_role("other");
    project.database.exec("alter table tasks owner to " + other);
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, {"--yes", project.database.name()}}) {
      std::vector<std::string> words{"downgrade", "0"};
      words.insert(words.end(), more.begin(), more.end());
      const auto outcome = project.dbtool(words);
      CHECK(outcome.exit_status == 1);
      CHECK(contains(outcome.errors, "nothing was begun"));
      CHECK(contains(outcome.errors, "table tasks is owned by " + other));
    }
    CHECK(project.database.exec("select version = 2 from dbtool.version").boolean(0, 0));
  }
  SECTION("a role of which the user is no member") {
    const std::string other = project.database.create_role("other");
    const auto outcome = project.dbtool({"downgrade", "0", "--role", other});
    CHECK(outcome.exit_status == 1);
    CHECK(contains(outcome.errors, "the connected user may not `set role"));
  }
  SECTION("rows that it may throw away and not read") {
    project.database.exec("revoke all on tasks from " + project.database.owner());
    const auto outcome = project.dbtool({"downgrade", "0"});
    CHECK(outcome.exit_status == 2);
    CHECK(contains(outcome.errors,
                   "table tasks (its rows cannot be counted: permission denied for table tasks)"));
  }
}
