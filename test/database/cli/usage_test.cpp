#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;

TEST_CASE("wrong words end with 2 and get the nearest right one", "[cli]") {
  const auto command = run_dbtool({"upgarde"});
  CHECK(command.exit_status == 2);
  CHECK(command.output.empty());
  CHECK(contains(command.errors, "unknown command 'upgarde'; did you mean upgrade?"));
  const auto option = run_dbtool({"status", "--exitcode"});
  CHECK(option.exit_status == 2);
  CHECK(contains(option.errors, "did you mean --exit-code?"));
}

TEST_CASE("help goes to stdout, ends with two examples, and needs nothing", "[cli]") {
  for (const char* command : {"upgrade", "downgrade", "plan", "status", "check", "history", "new", "call",
                              "local", "completion", "version"}) {
    INFO(command);
    const auto help = run_dbtool({command, "--help"});
    CHECK(help.exit_status == 0);
    CHECK(help.errors.empty());
    const auto examples = help.output.find("\nExamples:\n  dbtool ");
    const auto sourced = help.output.find("\nExamples:\n  source <(dbtool ");
    REQUIRE((examples != std::string::npos || sourced != std::string::npos));
    const std::string tail = help.output.substr(std::min(examples, sourced) + 11);
    CHECK(std::count(tail.begin(), tail.end(), '\n') == 2);
    CHECK(contains(run_dbtool({"--help"}).output, std::string("\n  ") + command + " "));
  }
  CHECK(run_dbtool({}).exit_status == 2);
}

TEST_CASE("no database, or two, is wrong usage, and an unreachable one ends with 6 and shows no password",
          "[cli]") {
  const ProjectFiles files;
  write_small_project(files);
  const std::string directory = files.path().string();
  const auto none = run_dbtool({"-C", directory, "status"});
  CHECK(none.exit_status == 2);
  CHECK(contains(none.errors, "DATABASE_URL"));
  CHECK(run_dbtool({"-C", directory, "--local", "--url", "x", "status"}).exit_status == 2);
  for (const char* url : {"postgresql://u:s3cret@127.0.0.1:1/x", "postgresql://u:s3cret@127.0.0.1:1x/x",
                          "host=127.0.0.1 port=1 password=s3cret", "postgresql://u:s3cret@[::1/x"}) {
    const auto refused = run_dbtool({"-C", directory, "--url", url, "status"});
    CHECK(refused.exit_status == 6);
    CHECK(!contains(refused.errors + refused.output, "s3cret"));
  }
}

TEST_CASE("a broken project ends with 2 and names every fault", "[cli]") {
  const SmallProject project;
  project.files.write("versions/0003.yml", "version: 3\nmehtods: {}\n");
  project.files.write("versions/0004.yml", "version: 5\nmethods: {}\n");
  const auto outcome = project.dbtool({"upgrade"});
  CHECK(outcome.exit_status == 2);
  CHECK(contains(outcome.errors, "versions/0003.yml:2:1"));
  CHECK(contains(outcome.errors, "versions/0004.yml:1"));
}
