#include "base/process.h"

#include "base/error.h"
#include "test/support/catch.h"

using namespace dbtool;

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
