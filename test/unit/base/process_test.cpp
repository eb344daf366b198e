#include "base/process.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/error.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;

namespace {

/// Nobody may have waited for it yet.
bool runs(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string stat;
  std::getline(file, stat);
  const std::size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.substr(name_end + 2, 1) != "Z";
}

}  // namespace

TEST_CASE("a child's output, errors and exit status come back", "[base]") {
  const ProcessOutcome outcome = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(outcome.output == "out\n");
  CHECK(outcome.errors == "err\n");
  CHECK(outcome.exit_status == 3);
  CHECK_FALSE(outcome.succeeded());
  CHECK(run_process({"sh", "-c", "kill -9 $$"}).exit_status == 128 + 9);
}

TEST_CASE("a child gets input, directory and environment", "[base]") {
  const std::string much(1 << 20, 'x');
  CHECK(run_process({"cat"}, {.input = much}).output == much);
  CHECK(run_process({"true"}, {.input = much}).succeeded());
  CHECK(run_process({"pwd"}, {.directory = "/"}).output == "/\n");
  const ProcessOptions options{.environment = {{"DBTOOL_A", "1"}, {"HOME", std::nullopt}}};
  CHECK(run_process({"sh", "-c", "echo $DBTOOL_A${HOME-none}"}, options).output == "1none\n");
}

TEST_CASE("a program that cannot be started is an error", "[base]") {
  CHECK_FALSE(find_program("no-such-program"));
  CHECK_THROWS_AS(run_process({"no-such-program"}), Error);
  CHECK_THROWS_AS(run_process({"/no/such/program"}), Error);
  CHECK_THROWS_AS(run_process({"true"}, {.directory = "/no/such/directory"}), Error);
}

TEST_CASE("a child that is to end ends with all that it has started", "[base]") {
  const test::ProjectFiles files;
  const std::string begun = (files.path() / "begun").string();
  const auto has_begun = [&] { return std::filesystem::exists(begun); };
  // The first ignores SIGTERM, the second holds no pipe of ours any longer.
  for (const std::string command :
       {"trap '' TERM; sleep 600 & echo $!; touch \"$BEGUN\"; wait",
        "exec 2>&- ; sleep 600 >&- & echo $!; exec >&-; touch \"$BEGUN\"; wait"}) {
    std::filesystem::remove(begun);
    const ProcessOutcome outcome =
        run_process({"sh", "-c", command}, {.environment = {{"BEGUN", begun}}, .is_to_end = has_begun});
    CHECK(outcome.exit_status > 128);
    REQUIRE_FALSE(outcome.output.empty());
    // It has been killed, which takes a moment; one that was not goes on for minutes.
    const std::string pid = outcome.output.substr(0, outcome.output.find('\n'));
    for (int look = 0; look < 1000 && runs(pid); ++look)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK_FALSE(runs(pid));
  }
}

TEST_CASE("a child that is not to end goes on to its end", "[base]") {
  const ProcessOptions options{.is_to_end = [] { return false; }};
  const ProcessOutcome outcome = run_process({"sh", "-c", "echo out; exec >&- 2>&-; exit 3"}, options);
  CHECK(outcome.output == "out\n");
  CHECK(outcome.exit_status == 3);
}
