#pragma once

#include <filesystem>

namespace dbtool::pg {

/// A directory of its own for a throwaway server, in $TMPDIR or /tmp, where a server can reach it; removed
/// with all that is in it at the end. A program that is killed leaves it behind: the next one of the same
/// user that makes one removes it, and ends the server in it should that still run.
class ThrowawayDirectory {
 public:
  /// Throws Error when none can be made.
  ThrowawayDirectory();
  ThrowawayDirectory(const ThrowawayDirectory&) = delete;
  ThrowawayDirectory& operator=(const ThrowawayDirectory&) = delete;
  ~ThrowawayDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;  ///< held on a file in it: the kernel lets it go however this program ends
};

}  // namespace dbtool::pg
