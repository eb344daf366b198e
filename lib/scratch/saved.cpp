#include "scratch/saved.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "scratch/database.h"

namespace dbtool::scratch {
namespace {

namespace fs = std::filesystem;

Finding stale(const std::string& file, const std::string& found) {
  Finding finding;
  finding.rule = "catalog-stale";
  finding.object = file;
  finding.expected = "what the versions make";
  finding.found = found;
  finding.place = {file, 1, 0};
  finding.advice = "dbtool check --save";
  return finding;
}

std::string contents(const fs::path& path) {
  return fs::exists(path) ? read_file(path) : std::string();
}

}  // namespace

std::vector<catalog::SnapshotFile> snapshot_files(Host& host, Clock& clock,
                                                  const InterruptCount& interrupts) {
  std::vector<catalog::SnapshotFile> files;
  Database database(host, clock);
  Catalog before;
  for (const Version& version : host.project().versions) {
    database.go(version.number, interrupts);
    Catalog after = database.read();
    files.push_back(catalog::snapshot_file(version, host.server_version() / 10000, before, after));
    before = std::move(after);
  }
  return files;
}

std::vector<std::string> save_snapshot(const Project& project,
                                       const std::vector<catalog::SnapshotFile>& files) {
  std::vector<std::string> changed;
  for (const catalog::SnapshotFile& file : files) {
    const fs::path path = project.directory / file.name;
    if (contents(path) == file.text) continue;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error)
      throw Error(ExitCode::usage,
                  fmt::format("cannot make {}: {}", path.parent_path().string(), error.message()));
    write_file_atomically(path, file.text);
    changed.push_back(file.name);
  }
  for (const std::string& name : catalog::surplus_snapshot_files(project)) {
    std::error_code error;
    if (!fs::remove(project.directory / name, error))
      throw Error(ExitCode::failed, fmt::format("cannot remove {}: {}", name, error.message()));
    changed.push_back(name);
  }
  return changed;
}

std::vector<Finding> stale_snapshot(const Project& project, int server_major,
                                    const std::vector<catalog::SnapshotFile>& files) {
  std::vector<Finding> findings;
  if (!catalog::has_snapshot(project)) return findings;
  const std::optional<int> made_by = catalog::snapshot_server_major(project);
  if (made_by && *made_by != server_major) {
    Finding finding;
    finding.severity = Severity::note;
    finding.rule = "not-judged";
    finding.object = "schema/catalog";
    finding.found =
        fmt::format("not compared: written with PostgreSQL {}, this is {}", *made_by, server_major);
    return {finding};
  }
  for (const catalog::SnapshotFile& file : files) {
    const fs::path path = project.directory / file.name;
    if (contents(path) == file.text) continue;
    findings.push_back(stale(file.name, fs::exists(path) ? "something else" : "no such file"));
  }
  for (const std::string& name : catalog::surplus_snapshot_files(project))
    findings.push_back(stale(name, "a file that no version has"));
  return findings;
}

}  // namespace dbtool::scratch
