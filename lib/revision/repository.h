#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dbtool::revision {

/// A file as a commit holds it.
struct File {
  std::string path;  ///< relative to the project directory
  std::string contents;
};

/// The git repository around a project directory, asked through the program git.
class Repository {
 public:
  /// Throws Error(usage) when the directory is in no repository, git is missing, or git will not read it.
  explicit Repository(std::filesystem::path directory);

  /// The project directory seen from the root of the repository: "" or "db/".
  const std::string& prefix() const { return prefix_; }

  /// The commit where the work at hand left the history of `revision`: the merge base of both. 40 hex digits.
  /// Throws Error(usage) when git knows no such revision, or has too little history to tell.
  std::string merge_base(const std::string& revision) const;

  /// The files of a commit under these paths, relative to the project; paths that it lacks are passed over.
  std::vector<File> files(const std::string& commit, const std::vector<std::string>& paths) const;

 private:
  std::filesystem::path directory_;
  std::string prefix_;
};

/// The same as Repository(directory).prefix(), and "" when there is no repository.
std::string prefix_in_repository(const std::filesystem::path& directory);

}  // namespace dbtool::revision
