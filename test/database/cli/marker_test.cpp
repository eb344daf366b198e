#include <nlohmann/json.hpp>
#include <sstream>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"

using namespace dbtool::test;
using nlohmann::json;

namespace {

/// A version whose script does that, and whose way back does nothing.
void write_script(const SmallProject& project, int number, const std::string& work) {
  project.files.write("versions/000" + std::to_string(number) + ".yml",
                      "version: " + std::to_string(number) + "\nmigrationScript: |-\n  begin\n    " + work +
                          "\n  end\ndowngradeScript: begin null; end\nmethods: {}\n");
}

}  // namespace

TEST_CASE("A script says how far it is, and a version that was never rehearsed is forecast by that",
          "[window][marker]") {
  const SmallProject project;
  write_script(project, 3, R"(for n in 1 .. 12 loop
      perform set_config('application_name', format('dbtool progress %s/%s', n, 16), true);
      perform pg_sleep(0.5);
    end loop;)");
  const auto outcome = project.dbtool({"upgrade", "--format", "json"});
  INFO(outcome.errors);
  CHECK(json::parse(outcome.output)["version"] == 3);
  bool shown = false;
  std::istringstream lines(outcome.errors);
  for (std::string line; std::getline(lines, line);) {
    if (!contains(line, R"("event":"step_forecast")")) continue;
    const json event = json::parse(line);
    if (event["marked"].is_null() || event["progress"].is_null()) continue;
    CHECK(event["marked"] > 0);
    CHECK(event["marked"] <= 0.75);
    if (event["source"].get<std::string>().find("the script says that") == std::string::npos) continue;
    CHECK(event["left_high_seconds"] > event["left_low_seconds"]);
    shown = true;
  }
  CHECK(shown);
}

TEST_CASE("What an earlier version has left of its progress says nothing of the next", "[window][marker]") {
  const SmallProject project;
  write_script(project, 3, "perform set_config('application_name', 'progress 100 %', false);");
  write_script(project, 4, "perform pg_sleep(4);");
  const auto outcome = project.dbtool({"upgrade", "--format", "json"});
  CHECK(json::parse(outcome.output)["version"] == 4);
  CHECK(contains(outcome.errors, R"("event":"step_forecast")"));
  CHECK_FALSE(contains(outcome.errors, "the script says that"));
}
