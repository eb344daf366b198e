#include "revision/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <stdlib.h>

#include "revision/repository.h"

namespace dbtool::revision {

namespace fs = std::filesystem;

namespace {

/// A folder in the temporary directory, gone at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "dbtool-revision-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw Error(ExitCode::failed,
                  fmt::format("cannot make {}: {}", pattern, std::generic_category().message(errno)));
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The project as a commit holds it. Not its settings, which may need variables and say nothing of versions.
Project load_commit(const Repository& repository, const std::string& commit,
                    const load::Environment& environment) {
  const TemporaryFolder folder;
  for (const File& file : repository.files(
           commit, {"versions", "schema", "tables.yml", "access.yml", "releases.yml", "releases.txt"})) {
    const fs::path path = folder.path() / file.path;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << file.contents;
  }
  return load::load_project(folder.path(), environment);
}

bool same(const Project& then, const Project& now, int number) {
  return number <= then.newest() && number <= now.newest() &&
         then.version(number).checksum == now.version(number).checksum;
}

/// The first release that needs `version`, or more; nullptr when no release does.
const Release* first_release_with(const std::vector<Release>& releases, int version) {
  const Release* first = nullptr;
  for (const Release& release : releases)
    if (release.version >= version && (first == nullptr || release.version < first->version))
      first = &release;
  return first;
}

}  // namespace

std::vector<Finding> changed_releases(const Project& then, const Project& now) {
  std::vector<Finding> findings;
  for (int number = 1; number <= then.newest(); ++number) {
    const Release* release = first_release_with(then.releases, number);
    if (release == nullptr || same(then, now, number)) continue;
    const bool there = number <= now.newest();
    Finding finding;
    finding.rule = "released-version-changed";
    finding.version = number;
    finding.object = fmt::format("version {}", number);
    finding.fact = "checksum";
    finding.expected =
        fmt::format("{} as in release {}", then.version(number).checksum.substr(0, 12), release->name);
    finding.found = there ? now.version(number).checksum.substr(0, 12) : "no such version";
    finding.place = there ? now.version(number).place : then.version(number).place;
    finding.advice = fmt::format(
        "databases of {} have run this version as it was: take the change back, and put it into a new "
        "version",
        release->name);
    findings.push_back(std::move(finding));
  }
  return findings;
}

Changes changes_since(const Project& project, const std::string& revision,
                      const load::Environment& environment) {
  const Repository repository(project.directory);
  Changes changes;
  changes.commit = repository.merge_base(revision);
  changes.prefix = repository.prefix();
  const auto add_unless_same = [&](const Project& then) {
    for (const Version& version : project.versions)
      if (!same(then, project, version.number)) changes.versions.insert(version.number);
  };
  try {
    const Project then = load_commit(repository, changes.commit, environment);
    add_unless_same(then);
    changes.findings = changed_releases(then, project);
  } catch (const load::LoadError& error) {
    add_unless_same(Project{});
    changes.warning =
        fmt::format("the project of {} ({}) cannot be loaded, so that every version counts as new: {}",
                    revision, changes.commit.substr(0, 12), load::to_text(error.complaints().front()));
  }
  return changes;
}

}  // namespace dbtool::revision
