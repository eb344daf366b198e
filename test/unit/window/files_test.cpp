#include "window/files.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

namespace dbtool {

namespace {

Rehearsal example() {
  Rehearsal rehearsal;
  rehearsal.made_at = "2026-11-20T08:00:00Z";
  rehearsal.program = "dbtool 0.1.0";
  rehearsal.source = "clone";
  Environment& environment = rehearsal.environment;
  environment.taken_at = "2026-11-20T07:59:00Z";
  environment.host = "db1";
  environment.database = "copy";
  environment.server_started = "2026-11-01T06:00:00.123456Z";
  environment.server_version = 150018;
  environment.version = 19;
  environment.settings = {{"work_mem", "4MB"}};
  environment.collations = {{"database", "C"}};
  environment.extensions = {{"plpgsql", "1.0"}};
  environment.database_bytes = 5'000'000'000;
  environment.tables = {{"tasks", 27'100'000, 4'000'000'000, 900'000'000, 3, 12}};
  environment.replicas = 2;
  environment.cache_hit_share = 0.97;
  environment.measures = {{Work::index_build, "ms for 64 MB", {1.5, 2}}};
  StepCost step;
  step.direction = Direction::downgrade;
  step.version = 20;
  step.kind = "script";
  step.seconds = 12.5;
  step.wal_bytes = 1'000'000;
  step.curve = {{1, 10}, {12.5, 1'000'000}};
  step.phases = {{"notice", "copying \"x\"", 0.5, 12, 900'000}};
  step.tables = {{"tasks", 1, 2, 3, 4, 5, 6, 7, true}};
  step.locks = {{"tasks", "AccessExclusiveLock", 0.1, 12.4, 3}};
  step.waits = {{"CPU", 0.75}, {"IO:DataFileRead", 0.25}};
  step.rows_moved = 17;
  step.temporary_bytes = 8;
  step.blocks_read = 9;
  step.blocks_hit = 10;
  step.rollback_seconds = 0.2;
  rehearsal.steps = {step};
  rehearsal.growth = {{Direction::downgrade,
                       20,
                       1.04,
                       "linear",
                       0.05,
                       0.1,
                       1.01,
                       0.02,
                       0.03,
                       {{1000, 0.5, 2000}, {10'000, 4.5, 20'000}}}};
  return rehearsal;
}

/// What reading this text as a rehearsal complains of.
std::string complaint(const std::string& text) {
  const test::ProjectFiles files;
  files.write("r.json", text);
  try {
    window::read_rehearsal(files.path() / "r.json");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    CHECK_FALSE(error.advice().empty());
    const std::string what = error.what();
    CHECK(what.starts_with((files.path() / "r.json").string()));
    return what.substr((files.path() / "r.json").string().size());
  }
  return "none";
}

std::string replaced(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), by);
}

}  // namespace

TEST_CASE("a rehearsal is read as it was written", "[window]") {
  const test::ProjectFiles files;
  const std::string text = window::to_json(example());
  files.write("r.json", text);
  const Rehearsal read = window::read_rehearsal(files.path() / "r.json");
  CHECK(window::to_json(read) == text);
  const StepCost* step = read.step(Direction::downgrade, 20);
  REQUIRE(step != nullptr);
  CHECK(step->curve.back().wal_bytes == 1'000'000);
  CHECK_FALSE(step->cpu_seconds);
  CHECK(step->rollback_seconds == 0.2);
  CHECK(step->rows_moved == 17);
  CHECK(step->tables[0].rewritten);
  CHECK(read.environment.measures[0].work == Work::index_build);
  CHECK(read.environment.tables[0].rows == 27'100'000);
}

TEST_CASE("a step that an earlier program wrote lacks what was not counted then", "[window]") {
  const test::ProjectFiles files;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(window::to_json(example()));
  for (const char* key : {"rows_moved", "peak_bytes"}) json["rehearsal"]["steps"][0].erase(key);
  files.write("r.json", json.dump());
  const Rehearsal read = window::read_rehearsal(files.path() / "r.json");
  CHECK_FALSE(read.steps.at(0).rows_moved);
  CHECK_FALSE(read.steps.at(0).peak_bytes);
  CHECK(read.steps.at(0).temporary_bytes == 8);
}

TEST_CASE("growth that an earlier program wrote has no more than an exponent and a law", "[window]") {
  const test::ProjectFiles files;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(window::to_json(example()));
  json["rehearsal"]["growth"] = {
      {{"direction", "upgrade"}, {"version", 20}, {"exponent", 1.5}, {"law", "worse than n log n"}}};
  files.write("r.json", json.dump());
  const Rehearsal read = window::read_rehearsal(files.path() / "r.json");
  StepCost step;
  step.direction = Direction::upgrade;
  step.version = 20;
  const Growth* growth = read.growth_of(step);
  REQUIRE(growth != nullptr);
  CHECK(growth->exponent == 1.5);
  CHECK(growth->error == 0);
  CHECK(growth->samples.empty());
  step.direction = Direction::downgrade;
  CHECK(read.growth_of(step) == nullptr);
}

TEST_CASE("an environment is read as it was written", "[window]") {
  const test::ProjectFiles files;
  const std::string text = window::to_json(example().environment);
  files.write("e.json", text);
  CHECK(window::to_json(window::read_environment(files.path() / "e.json")) == text);
}

TEST_CASE("files that are no rehearsal are refused with the place of what is wrong", "[window]") {
  const std::string text = window::to_json(example());
  CHECK(complaint("{\n \"kind\": rehearsal}") == ":2:10: this is no JSON");
  CHECK(complaint("") == ":1:0: this is no JSON");
  CHECK(complaint("[]") == ": an object is expected, not this array");
  CHECK(complaint("{}") == ": the key \"kind\" is missing");
  CHECK(complaint(window::to_json(example().environment)) ==
        ": this is the file of environment, not of rehearsal");
  CHECK(complaint(replaced(text, "\"format\": 1", "\"format\": 2")) ==
        ": the format is 2, and this dbtool reads format 1");
  CHECK(complaint(replaced(text, "\"seconds\": 12.5", "\"seconds\": \"long\"")) ==
        ": rehearsal.steps[0].seconds: a number is expected, not this string");
  CHECK(complaint(replaced(text, "\"fixed_share\": 0.1", "\"fixed_share\": 1.5")) ==
        ": rehearsal.growth[0].fixed_share: must be at most 1");
  CHECK(complaint(replaced(text, "\"seconds\": 12.5", "\"seconds\": -1")) ==
        ": rehearsal.steps[0].seconds: must not be negative");
  CHECK(complaint(replaced(text, "\"direction\": \"downgrade\"", "\"direction\": \"down\"")) ==
        ": rehearsal.steps[0].direction: \"upgrade\" or \"downgrade\" is expected, not \"down\"");
  CHECK(complaint(replaced(text, "\"rewritten\": true", "\"was_rewritten\": true")) ==
        ": rehearsal.steps[0].tables[0]: the key \"rewritten\" is missing");
  CHECK(complaint(replaced(text, "\"index_build\"", "\"juggling\"")) ==
        ": rehearsal.environment.measures[0].work: there is no kind of work \"juggling\"");
  CHECK(complaint(replaced(text, "\"rows\": 27100000", "\"rows\": 1e400")) ==
        ": it holds a number that is too large");
}

TEST_CASE("the newest rehearsal is found by the time in its name", "[window]") {
  const test::ProjectFiles files;
  CHECK_FALSE(window::newest_rehearsal(files.path()));
  files.write("rehearsals/20-20261120T080000Z.json", "");
  files.write("rehearsals/9-20261121T080000Z.json", "");
  files.write("rehearsals/20-20251121T080000Z.json", "");
  files.write("rehearsals/20-20271121T080000Z.txt", "");
  CHECK(window::newest_rehearsal(files.path())->filename() == "9-20261121T080000Z.json");
  // One that failed on its way outranks none that did not, and counts where there is none of its goal.
  files.write("rehearsals/20-20271121T080000Z.failed.json", "");
  files.write("rehearsals/9-20271121T080000Z.failed.json", "");
  CHECK(window::newest_rehearsal(files.path())->filename() == "9-20261121T080000Z.json");
  files.write("rehearsals/21-20261122T080000Z.failed.json", "");
  CHECK(window::newest_rehearsal(files.path())->filename() == "21-20261122T080000Z.failed.json");
  files.write("rehearsals/21-20261120T080000Z.json", "");
  CHECK(window::newest_rehearsal(files.path())->filename() == "9-20261121T080000Z.json");
  CHECK(window::failed_file("a/20-20271121T080000Z.json") == "a/20-20271121T080000Z.failed.json");
  CHECK(window::failed_file("mine") == "mine.failed");
  files.write("rehearsals/mine.json", "");
  std::filesystem::last_write_time(
      files.path() / "rehearsals/mine.json",
      std::filesystem::file_time_type::clock::now() + std::chrono::hours(24 * 3650));
  CHECK(window::newest_rehearsal(files.path())->filename() == "mine.json");
}

TEST_CASE("a failed rehearsal of a name without a time yields to the good one of that name", "[window]") {
  const test::ProjectFiles files;
  const auto now = std::filesystem::file_time_type::clock::now();
  const auto write = [&](const char* name, int hours_ago) {
    const std::filesystem::path file = std::filesystem::path("rehearsals") / name;
    files.write(file.string(), "");
    std::filesystem::last_write_time(files.path() / file, now - std::chrono::hours(hours_ago));
  };
  write("nightly.failed.json", 1);
  CHECK(window::newest_rehearsal(files.path())->filename() == "nightly.failed.json");
  write("nightly.json", 2);
  CHECK(window::newest_rehearsal(files.path())->filename() == "nightly.json");
  // That of another name says nothing of it.
  write("weekly.failed.json", 0);
  CHECK(window::newest_rehearsal(files.path())->filename() == "weekly.failed.json");
}

}  // namespace dbtool
