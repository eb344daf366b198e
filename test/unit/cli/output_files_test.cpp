#include "cli/output_files.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;
using namespace dbtool::cli;

namespace {

std::string refusal(const std::vector<std::string>& values, bool result_is_json = false) {
  try {
    parse_outputs(values, result_is_json);
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    CHECK(!error.advice().empty());
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the option --output names kinds and files", "[cli]") {
  const auto outputs = parse_outputs({"junit=a/b.xml", "sarif=c=d", "github"}, false);
  REQUIRE(outputs.size() == 3);
  CHECK(outputs[0].kind == OutputKind::junit);
  CHECK(outputs[0].file == "a/b.xml");
  CHECK(outputs[1].file == "c=d");
  CHECK(outputs[2].kind == OutputKind::github);
  CHECK(outputs[2].file.empty());
  CHECK(parse_outputs({"json=-"}, false)[0].file.empty());
  CHECK(parse_outputs({"junit=x"}, true).size() == 1);
}

TEST_CASE("the option --output refuses what cannot be meant", "[cli]") {
  CHECK(refusal({"juint=x"}) == "--output: there is no kind 'juint'; did you mean junit?");
  CHECK(refusal({"junit="}) == "--output: 'junit=' names no file");
  CHECK(refusal({"github", "sarif"}) == "--output: two results cannot both go to stdout");
  CHECK(refusal({"github"}, true) == "--output: two results cannot both go to stdout");
  CHECK(refusal({"junit=a/../x", "sarif=x"}) == "--output: x is named twice");
}

TEST_CASE("a file that cannot be written is found before the work, and nothing is left of the trial",
          "[cli]") {
  const test::ProjectFiles files;
  const auto here = files.path();
  check_writable(here / "new.xml");
  CHECK(std::filesystem::is_empty(here));
  CHECK_THROWS_AS(check_writable(here / "no" / "new.xml"), Error);
  CHECK_THROWS_AS(check_writable(here), Error);
  files.write("file", "");
  CHECK_THROWS_AS(check_writable(here / "file" / "x"), Error);
}

TEST_CASE("a file is replaced as a whole, a device is not", "[cli]") {
  const test::ProjectFiles files;
  files.write("report", "old and longer");
  write_output(files.path() / "report", "new");
  CHECK(read_file(files.path() / "report") == "new");
  write_output("/dev/null", "x");
  struct stat status {};
  REQUIRE(stat("/dev/null", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
}
