#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;

namespace {

/// What bash offers for a command line whose last word is being typed.
std::string offered(const ProjectFiles& files, const std::string& words, int position) {
  const std::string script = "PATH=$(dirname " + std::string(DBTOOL_BINARY) +
                             "):$PATH; source <(dbtool completion bash); cd " + files.path().string() +
                             "; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(position) +
                             "; _dbtool; echo \"${COMPREPLY[*]}\"";
  const auto outcome = dbtool::run_process({"bash", "-c", script});
  CHECK(outcome.errors.empty());
  return outcome.output;
}

}  // namespace

TEST_CASE("bash completes commands, options, versions, targets, functions", "[cli]") {
  const ProjectFiles files;
  write_small_project(files);
  files.write("dbtool.yml", "targets:\n  community: {url: \"postgresql://x/y\"}\n");
  CHECK(offered(files, "dbtool up", 1) == "upgrade\n");
  CHECK(offered(files, "dbtool --target com", 2) == "community\n");
  CHECK(offered(files, "dbtool --target = com", 3) == "community\n");
  CHECK(offered(files, "dbtool --url x upgrade ''", 4) == "0 1 2\n");
  CHECK(offered(files, "dbtool upgrade --dry", 2) == "--dry-run\n");
  CHECK(offered(files, "dbtool call ge", 2) == "get_task\n");
  CHECK(offered(files, "dbtool call get_task x", 3) == "\n");
  CHECK(offered(files, "dbtool local st", 2) == "stop status\n");
  CHECK(offered(files, "dbtool --format j", 2) == "json\n");
  CHECK(offered(files, "dbtool downgrade --to-release v", 3) == "v1.0.0 v2.0.0\n");
}

TEST_CASE("the scripts for zsh and fish are such", "[cli]") {
  for (const char* shell : {"zsh", "fish"}) {
    const auto script = run_dbtool({"completion", shell});
    REQUIRE(script.exit_status == 0);
    if (!dbtool::find_program(shell)) continue;
    dbtool::ProcessOptions options;
    options.input = script.output;
    const auto judged = dbtool::run_process({shell, "-n", "/dev/stdin"}, options);
    INFO(judged.errors);
    CHECK(judged.exit_status == 0);
  }
}
