#include <nlohmann/json.hpp>

#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/process.h"
#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"
#include "window/files.h"

namespace dbtool {

namespace {

using nlohmann::json;
using test::contains;

/// Versions 1 and 2 are the small project's; 3 has two tables, and 4 copies the one, which refers to the
/// other.
struct GeneratedProject {
  test::ProjectFiles files;

  GeneratedProject() {
    test::write_small_project(files);
    test::write_scripts(files, 3, R"(begin
  create table owners (owner text primary key, level integer not null check (level between 1 and 9));
  create table papers (paper_id text primary key, owner text not null references owners, body jsonb not null);
  create table aside (id integer primary key);
end)",
                        "begin\n  drop table aside, papers, owners;\nend");
    write_copies("drop table copies;");
    files.write("schema/tables.yml",
                "tasks:\n  task_id: text not null\n  priority: integer not null\n"
                "owners:\n  owner: text not null\n  level: integer not null\n"
                "papers:\n  paper_id: text not null\n  owner: text not null\n  body: jsonb not null\n"
                "aside:\n  id: integer not null\n"
                "copies:\n  paper_id: text not null\n  digest: text\n");
    files.write("schema/sizes.yml",
                "papers: {rows: 20000, bytes: 2000000}\nowners: {rows: 500, bytes: 50000}\naside: {rows: "
                "30000, bytes: 1000000}\n");
  }

  void write_copies(const std::string& way_back) const {
    test::write_scripts(files, 4, R"(begin
  create table copies as select paper_id, md5(paper_id) as digest from papers;
  alter table copies add primary key (paper_id);
end)",
                        "begin\n  " + way_back + "\nend", "loses: copies\nmethods: {}");
  }

  ProcessOutcome dbtool(std::vector<std::string> words) const {
    words.insert(words.begin(), {"-C", files.path(), "--user-prefix", "sized"});
    return test::run_dbtool(words);
  }
  std::filesystem::path sizes() const { return files.path() / "schema/sizes.yml"; }
};

const TableCost* cost_of(const StepCost& step, const std::string& name) {
  const auto found = std::find_if(step.tables.begin(), step.tables.end(),
                                  [&](const TableCost& table) { return table.name == name; });
  return found == step.tables.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("generated rows are rehearsed on at several sizes, and how costs grow is fitted", "[rehearse]") {
  const GeneratedProject project;
  const auto outcome =
      project.dbtool({"rehearse", "--sizes", project.sizes(), "--samples", "100%,10%,40%", "--no-benchmark"});
  INFO(outcome.output << outcome.errors);
  REQUIRE(outcome.exit_status == 0);
  CHECK(contains(outcome.output, "REHEARSED 3 → 4\n"));
  CHECK(contains(outcome.output, "up again in "));
  CHECK(contains(outcome.errors, "left nearly empty"));
  const auto file = window::newest_rehearsal(project.files.path());
  REQUIRE(file);
  const Rehearsal rehearsal = window::read_rehearsal(*file);
  CHECK(rehearsal.source == "generated");
  CHECK(rehearsal.environment.version == 3);
  // As durable as a real server.
  CHECK(rehearsal.environment.settings.at("fsync") == "on");
  CHECK(rehearsal.environment.settings.at("full_page_writes") == "on");
  CHECK(rehearsal.environment.settings.at("autovacuum") == "on");
  const StepCost* up = rehearsal.step(Direction::upgrade, 4);
  REQUIRE(up != nullptr);
  const TableCost* copies = cost_of(*up, "copies");
  REQUIRE(copies != nullptr);
  CHECK(copies->rows_after == 20000);
  const auto measured = [&](const std::string& name) {
    const auto found = std::find_if(rehearsal.environment.tables.begin(), rehearsal.environment.tables.end(),
                                    [&](const MeasuredTable& table) { return table.name == name; });
    REQUIRE(found != rehearsal.environment.tables.end());
    return found->rows;
  };
  CHECK(measured("papers") == 20000);
  CHECK(measured("owners") == 500);
  CHECK(measured("aside") < 1000);
  const Growth* growth = rehearsal.growth_of(*rehearsal.step(Direction::upgrade, 4));
  REQUIRE(growth != nullptr);
  REQUIRE(growth->samples.size() == 3);
  CHECK(growth->samples[0].rows == 2000);
  CHECK(growth->samples[1].rows == 8000);
  CHECK(growth->samples[2].rows == 20000);
  CHECK(growth->samples[2].seconds == up->seconds);
  // Each row is written to the copy and its index; nobody else writes on that server.
  CHECK(growth->wal_exponent > 0.6);
  CHECK(growth->wal_exponent < 1.4);
  CHECK(contains(outcome.output, "upgrade of 4: "));
  CHECK(contains(outcome.output, "20000 rows"));
}

TEST_CASE("rows of the project's own are put in first, and more are made of them", "[rehearse]") {
  const GeneratedProject project;
  project.files.write("schema/few.yml", "papers: {rows: 3000, bytes: 30000000}\n");
  project.files.write(
      "put",
      "test \"$DBTOOL_VERSION\" = 3 && psql -X -v ON_ERROR_STOP=1 -q \"$DBTOOL_URL\" "
      "-c \"insert into owners values ('somebody', 3)\" "
      "-c \"insert into papers select 'paper-' || n, 'somebody', jsonb_build_object('id', 'paper-' || n, "
      "'share', '$DBTOOL_SHARE') from generate_series(1000, 1099) n\"\n");
  const auto outcome =
      project.dbtool({"rehearse", "4", "--sizes", project.files.path() / "schema/few.yml", "--samples", "50%",
                      "--data-command", "sh " + (project.files.path() / "put").string(), "--from", "3",
                      "--no-down", "--format", "json", "--server-setting", "work_mem=7MB"});
  INFO(outcome.output << outcome.errors);
  REQUIRE(outcome.exit_status == 0);
  const json result = json::parse(outcome.output);
  CHECK(result["rehearsal"]["source"] == "generated");
  CHECK(result["rehearsal"]["growth"].empty());
  CHECK(result["rehearsal"]["environment"]["settings"]["work_mem"] == "7MB");
  CHECK_FALSE(result["rehearsal"]["environment"]["measures"].empty());
  CHECK(result["rehearsal"]["steps"].size() == 1);
  for (const json& table : result["rehearsal"]["environment"]["tables"]) {
    if (table["name"] == "papers") CHECK(table["rows"] == 1500);
    if (table["name"] == "owners") CHECK(table["rows"] == 1);
    // The command has left it empty, and nobody has asked for it.
    if (table["name"] == "aside" || table["name"] == "tasks") CHECK(table["rows"] == 0);
  }
  CHECK(contains(outcome.errors, "what depends on the width of rows is not rehearsed"));

  const auto failed = project.dbtool({"rehearse", "--sizes", project.sizes(), "--data-command", "exit 7"});
  CHECK(failed.exit_status == 2);
  CHECK(contains(failed.errors, "the command that puts rows in failed (exit 7)"));
}

TEST_CASE("what is asked of a rehearsal on generated rows must make sense", "[rehearse]") {
  const GeneratedProject project;
  const std::string sizes = project.sizes();
  const auto complaint = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "rehearse");
    const auto outcome = project.dbtool(words);
    CHECK(outcome.exit_status == 2);
    return outcome.errors;
  };
  CHECK(contains(complaint({"--clone", "--samples", "1%,10%"}), "--samples is for generated rows"));
  CHECK(contains(complaint({"--clone", "--sizes", sizes}), "more than one copy"));
  CHECK(contains(complaint({"--clone", "--from", "2"}), "--from is for generated rows"));
  for (const char* samples : {"", "0%", "101%", "much", "1%,,2%", "10 kg", "-1%", "nan"})
    CHECK(contains(complaint({"--sizes", sizes, "--samples", samples}), "--samples"));
  CHECK(contains(complaint({"--sizes", sizes, "--from", "4"}), "version 4 is not below 4"));
  project.files.write("schema/odd.yml", "papers: {row: 3}\n");
  CHECK(contains(complaint({"--sizes", project.files.path() / "schema/odd.yml"}), "did you mean `rows`?"));
  CHECK(contains(complaint({"--sizes", project.files.path() / "none.yml"}), "none.yml"));
}

TEST_CASE("rows that would not fit on the disk are refused before they are made", "[rehearse]") {
  const GeneratedProject project;
  project.files.write("schema/large.yml", "papers: {rows: 1000000, bytes: 9000000000000000000}\n");
  const auto outcome = project.dbtool({"rehearse", "--sizes", project.files.path() / "schema/large.yml"});
  CHECK(outcome.exit_status == 1);
  CHECK(contains(outcome.errors, "are free in"));
  CHECK(contains(outcome.errors, "take smaller --samples"));
}

TEST_CASE("a way back that fails at the smallest size outranks no good rehearsal", "[rehearse]") {
  const GeneratedProject project;
  project.files.write("schema/few.yml", "papers: {rows: 3000, bytes: 300000}\n");
  const std::vector<std::string> command{"rehearse",  "--sizes",  project.files.path() / "schema/few.yml",
                                         "--samples", "10%,100%", "--no-benchmark"};
  const auto good = project.dbtool(command);
  INFO(good.output << good.errors);
  REQUIRE(good.exit_status == 0);
  const auto file = window::newest_rehearsal(project.files.path());
  REQUIRE(file);
  project.write_copies("drop table copies_of_papers;");
  const auto failed = project.dbtool(command);
  INFO(failed.output << failed.errors);
  CHECK(failed.exit_status == 1);
  CHECK(contains(failed.errors, "copies_of_papers"));
  CHECK(contains(failed.output, ".failed.json"));
  CHECK(window::newest_rehearsal(project.files.path()) == file);

  // Nor does it write over one that has the name it was to have.
  const std::filesystem::path mine = project.files.path() / "mine.json";
  std::filesystem::copy_file(*file, mine);
  std::vector<std::string> named = command;
  named.insert(named.end(), {"--output", mine.string()});
  CHECK(project.dbtool(named).exit_status == 1);
  CHECK(read_file(mine) == read_file(*file));
  CHECK(window::read_rehearsal(project.files.path() / "mine.failed.json").step(Direction::upgrade, 4));
}

TEST_CASE("a rehearsal on generated rows ends at once when it is interrupted while rows are made",
          "[rehearse]") {
  const GeneratedProject project;
  // Each row that is made anew takes a minute; the first leaves a sign where every user may.
  const std::filesystem::path sign =
      std::filesystem::path("/tmp") / (project.files.path().filename().string() + "-begun");
  test::write_scripts(project.files, 3,
                      R"(begin
  create table papers (paper_id integer primary key, body text);
  insert into papers select n, 'body' from generate_series(1, 30) n;
  create function slow(id integer) returns boolean language plpgsql as $f$
  begin copy (select 1) to ')" +
                          sign.string() +
                          R"('; perform pg_sleep(60); return true; end $f$;
  alter table papers add constraint slow check (slow(paper_id)) not valid;
end)",
                      "begin\n  drop table papers;\n  drop function slow(integer);\nend");
  project.files.write("schema/few.yml", "papers: {rows: 3000, bytes: 300000}\n");
  const std::string few = project.files.path() / "schema/few.yml";
  const auto interrupted = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {DBTOOL_BINARY, "-C", project.files.path().string(), "--user-prefix", "sized",
                                 "rehearse", "4", "--sizes", few});
    ProcessOptions options;
    options.log = project.files.path() / "log";
    std::filesystem::remove(options.log);
    const pid_t pid = start_process(words, options);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!std::filesystem::exists(sign) && std::chrono::steady_clock::now() < limit)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(std::filesystem::remove(sign));
    kill(pid, SIGTERM);
    // One that does not heed it would go on for a minute a row.
    int status = 0;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (waitpid(pid, &status, WNOHANG) == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      if (std::chrono::steady_clock::now() > patience) kill(pid, SIGKILL);
    }
    INFO(read_file(options.log));
    CHECK(WEXITSTATUS(status) == 143);
    CHECK_FALSE(window::newest_rehearsal(project.files.path()));
  };
  interrupted({});
  interrupted({"--data-command", "touch " + sign.string() + "; sleep 60"});
}

}  // namespace dbtool
