#include "run/recorded.h"

#include <fmt/format.h>

#include "base/error.h"
#include "ledger/content.h"

namespace dbtool::run {

std::vector<int> changed_versions(const ledger::State& state, const Project& project) {
  std::vector<int> changed;
  for (const auto& [number, applied] : state.applied) {
    if (number <= project.newest() && number <= state.version &&
        project.version(number).checksum != applied.checksum) {
      changed.push_back(number);
    }
  }
  return changed;
}

std::vector<int> complete_from_ledger(pg::Connection& connection, const ledger::State& state,
                                      Project& project) {
  std::vector<int> wanted = changed_versions(state, project);
  for (int number = project.newest() + 1; number <= state.version; ++number) wanted.push_back(number);
  std::vector<int> taken;
  if (!wanted.empty()) {
    std::map<int, Version> contents = ledger::read_contents(connection, wanted.front(), state.version);
    for (const int number : wanted) {
      const auto content = contents.find(number);
      if (content == contents.end()) break;
      if (number <= project.newest()) {
        project.versions[static_cast<std::size_t>(number - 1)] = std::move(content->second);
      } else if (number == project.newest() + 1) {
        project.versions.push_back(std::move(content->second));
      }
      taken.push_back(number);
    }
  }
  // A version that runs statement by statement and was left half done is not among the applied ones.
  if (state.partly && state.partly->version == project.newest() + 1) {
    project.versions.push_back(
        ledger::from_content(state.partly->version, state.partly->checksum, state.partly->content));
    taken.push_back(state.partly->version);
  }
  if (!taken.empty()) index_methods(project);
  return taken;
}

void check_version_table(const ledger::State& state, const Settings& settings) {
  if (state.version_table || state.recorded_version.value_or(0) == 0) return;
  throw Error(
      ExitCode::failed,
      fmt::format("there is no version table {} in this database, but dbtool left it at version {}",
                  settings.version_table, *state.recorded_version),
      "give the right --version-table (or versionTable in dbtool.yml); if the table was dropped, make it "
      "again with that version in it");
}

void check_name(const ledger::State& state, const Settings& settings) {
  if (state.name.empty() || settings.name.empty() || state.name == settings.name) return;
  throw Error(
      ExitCode::failed,
      fmt::format("this database is `{}`, but the project's settings say `{}`", state.name, settings.name),
      "check which database the URL names (an inherited DATABASE_URL?), or give the right --target or "
      "--name");
}

}  // namespace dbtool::run
