#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"
#include "test/support/prometheus.h"

using namespace dbtool;
using namespace dbtool::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// The small project with a third version that moves rows, each of which takes that many milliseconds.
void add_online_version(const SmallProject& project, int rows, double milliseconds) {
  project.files.write("versions/0003.yml", R"(version: 3
migrationScript: |-
  begin
    create table source (k integer primary key, v text);
    insert into source select i, 'v' from generate_series(1, )" +
                                               std::to_string(rows) + R"() i;
    create table copy (like source including all);
    analyze source;
  end
downgradeScript: |-
  begin
    drop table source, copy;
  end
online:
  migration:
    table: source
    key: [k]
    batch: |-
      insert into copy select e.k, e.v from source e, lateral (select pg_sleep()" +
                                               std::to_string(milliseconds / 1000) + R"() where e.k > 0) s
      where $range:e$ for update of e on conflict do nothing
    complete: select (select count(*) from source) = (select count(*) from copy)
    verify:
      source: select * from source e where $range:e$
      copy: select * from copy c where $range:c$
methods: {}
)");
}

std::vector<std::string> command(const SmallProject& project, const std::vector<std::string>& words) {
  std::vector<std::string> all{DBTOOL_BINARY,
                               "-C",
                               project.files.path().string(),
                               "--url",
                               project.database.owner_url(),
                               "--user-prefix",
                               project.database.user_prefix()};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

/// Waits until the file says that rows are being moved; gives up after a minute.
bool moves(const fs::path& file) {
  for (int i = 0; i < 6000; ++i) {
    if (!fs::exists(file)) {
      std::this_thread::sleep_for(10ms);
      continue;
    }
    const Exposed told = parse_exposition(read_file(file));
    if (told.has("dbtool_online_rows_done") && told.value("dbtool_online_rows_done") > 0) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

}  // namespace

TEST_CASE("A metrics file that cannot be written is refused before anything is done", "[cli][metrics]") {
  const SmallProject project;
  const std::string directory = project.files.path().string();
  const std::string file = std::vector<std::string>{directory + "/none/metrics.prom", directory,
                                                    "/dev/null"}[GENERATE(0U, 1U, 2U)];
  CAPTURE(file);
  const ProcessOutcome outcome = project.dbtool({"--metrics-file", file, "upgrade"});
  CHECK(outcome.exit_status == 2);
  CHECK(contains(outcome.errors, "--metrics-file " + file));
  CHECK(project.database.exec("select to_regnamespace('dbtool') is null and to_regclass('tasks') is null")
            .boolean(0, 0));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("The metrics of a run are whole whenever they are read", "[cli][metrics]") {
  const SmallProject project;
  add_online_version(project, 3000, 0.7);
  const fs::path file = project.files.path() / "dbtool.prom";
  // Beside the settings that name it, and readable by whoever collects it.
  project.files.write("dbtool.yml", "metricsFile: dbtool.prom\nthrottle: {wal: 1TB}\n");
  ProcessOptions options;
  options.log = project.files.path() / "log";
  const pid_t pid = start_process(command(project, {"upgrade"}), options);
  int status = 0, reads = 0;
  double last_done = 0, last_update = 0;
  bool paced = false, throttled = false;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (!fs::exists(file)) continue;
    const std::string text = read_file(file);
    const Exposed told = parse_exposition(text);
    ++reads;
    CHECK(told.value("dbtool_running") == (told.has("dbtool_exit_status") ? 0 : 1));
    CHECK(told.value("dbtool_update_time_seconds") >= last_update);
    last_update = told.value("dbtool_update_time_seconds");
    if (told.has("dbtool_online_verifying") && told.value("dbtool_online_verifying") == 0) {
      CHECK(told.value("dbtool_online_rows_done") >= last_done);
      last_done = told.value("dbtool_online_rows_done");
    }
    paced = paced || told.has("dbtool_online_batch_target_seconds");
    throttled = throttled || told.has("dbtool_throttle_limit");
    std::this_thread::sleep_for(1ms);
    if (told.has("dbtool_exit_status")) break;
  }
  if (status == 0) waitpid(pid, &status, 0);
  CAPTURE(read_file(options.log));
  REQUIRE(WIFEXITED(status));
  CHECK(reads > 10);
  CHECK(last_done > 0);
  CHECK(paced);
  CHECK(throttled);
  const Exposed end = parse_exposition(read_file(file));
  CHECK(end.value("dbtool_running") == 0);
  CHECK(end.value("dbtool_exit_status") == WEXITSTATUS(status));
  CHECK(end.value("dbtool_errors_total") == 0);
  CHECK(end.value("dbtool_version") == 3);
  CHECK(end.value("dbtool_steps_done") == end.value("dbtool_steps"));
  const Exposed::Labels online{{"version", "3"}, {"direction", "upgrade"}};
  CHECK(end.value("dbtool_online_rows_done", online) == 3000);
  CHECK(end.value("dbtool_online_differing_rows", online) == 0);
  CHECK(end.value("dbtool_throttle_limit", {{"signal", "wal"}, {"unit", "bytes_per_second"}}) ==
        1024.0 * 1024 * 1024 * 1024);
  // Nothing else is left beside it.
  for (const auto& entry : fs::directory_iterator(project.files.path()))
    CHECK((entry.path() == file || entry.path().filename().string().find("prom") == std::string::npos));
}

TEST_CASE("An error and a stop are told in the last metrics", "[cli][metrics]") {
  const SmallProject project;
  add_online_version(project, 100'000, 1);
  const fs::path file = project.files.path() / "metrics";
  ProcessOptions options;
  options.log = project.files.path() / "log";
  options.environment.emplace_back("DBTOOL_METRICS_FILE", file.string());
  const pid_t pid = start_process(command(project, {"upgrade"}), options);
  REQUIRE(moves(file));
  kill(pid, SIGTERM);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  const Exposed stopped = parse_exposition(read_file(file));
  CHECK(stopped.value("dbtool_exit_status") == 143);
  CHECK(stopped.value("dbtool_errors_total") == 0);
  CHECK(stopped.value("dbtool_online_rows_done") > 0);
  project.database.exec("drop table copy");
  CHECK(project.dbtool({"--metrics-file", file.string(), "online", "run"}).exit_status == 1);
  CHECK(parse_exposition(read_file(file)).value("dbtool_errors_total") == 1);
}

TEST_CASE("Metrics that cannot be written any more are one warning, and no error", "[cli][metrics]") {
  const SmallProject project;
  add_online_version(project, 4000, 1);
  const fs::path folder = project.files.path() / "metrics.d";
  fs::create_directory(folder);
  ProcessOptions options;
  options.log = project.files.path() / "log";
  const pid_t pid = start_process(
      command(project, {"--metrics-file", (folder / "dbtool.prom").string(), "upgrade"}), options);
  REQUIRE(moves(folder / "dbtool.prom"));
  fs::remove_all(folder);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  const std::string log = read_file(options.log);
  CAPTURE(log);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) != 1);
  CHECK(project.database.exec("select count(*) from copy").integer(0, 0) == 4000);
  const std::size_t first = log.find("the metrics cannot be written");
  REQUIRE(first != std::string::npos);
  CHECK(log.find("the metrics cannot be written", first + 1) == std::string::npos);
}
