#include "cli/commands/goal.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "model/release.h"

namespace dbtool::cli {

std::optional<int> goal_of(const Arguments& arguments, const Project& project) {
  const std::optional<int> number = arguments.integer("GOAL");
  const std::optional<std::string> name = arguments.text("to-release");
  if (!name) return number;
  if (number) throw Error(ExitCode::usage, "both GOAL and --to-release were given", "give one of them");
  if (const Release* release = find_release(project.releases, *name)) return release->version;
  std::vector<std::string> names;
  for (const Release& release : project.releases) names.push_back(release.name);
  const std::optional<std::string> near = nearest_word(*name, names);
  throw Error(ExitCode::usage, fmt::format("there is no release {}", *name),
              near            ? fmt::format("did you mean {}?", *near)
              : names.empty() ? "the project has no releases.yml"
                              : "known releases: " + join(names, ", "));
}

std::string plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace dbtool::cli
