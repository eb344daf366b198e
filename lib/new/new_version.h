#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "new/template.h"

namespace dbtool {

/// What `new` was asked for.
struct NewVersion {
  VersionKind kind = VersionKind::table;
  std::string title;
  std::string service;         ///< empty: a name to be replaced by hand
  std::optional<int> before;   ///< the new version takes this number, those from there on move up
  std::optional<int> applied;  ///< the highest version applied to a database that is known; they cannot move
  OnlinePattern pattern = OnlinePattern::dual_write;  ///< see TemplateValues
  std::optional<SourceTable> source = {};
  std::string copy = {};
};

/// The files of a project that renumbering may touch: path in the project → contents.
using ProjectTexts = std::map<std::string, std::string>;

/// Reads versions/*.yml, versions/*.sql and the releases file of a project directory.
ProjectTexts read_project_texts(const std::filesystem::path& directory);

/// One change of a file. `contents` are written to `file`, then `replaces` is removed, where it is another
/// file.
struct FileChange {
  std::string file;
  std::string contents;
  std::string replaces;  ///< empty: a new file, or one whose name stays
  bool is_new = false;   ///< one of the versions that were asked for
};

/// Works out, without touching a file, what a new version changes, in an order in which no file is
/// overwritten before it was written elsewhere. Throws Error (usage) for a number that is not there, Error
/// (failed) when a version that would have to move is applied.
std::vector<FileChange> plan_new_version(const NewVersion& wanted, const ProjectTexts& texts);

/// Carries the changes out, one after the other, each file atomically.
void carry_out(const std::filesystem::path& directory, const std::vector<FileChange>& changes);

}  // namespace dbtool
