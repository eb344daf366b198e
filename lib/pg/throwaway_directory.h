#pragma once

#include <filesystem>

namespace dbtool::pg {

/// What a throwaway directory is on. `memory`: on a file system that the machine keeps in memory (/dev/shm),
/// where a gigabyte is free there and four in all, and the environment names no other place than /tmp; else
/// as `disk`.
enum class Medium { disk, memory };

/// A directory of its own for a throwaway server, where a server can reach it: on disk in $TMPDIR or /tmp;
/// removed with all that is in it at the end. A program that is killed leaves it behind: the next one of the
/// same user that makes one removes it, and ends the server in it should that still run.
class ThrowawayDirectory {
 public:
  /// Throws Error when none can be made.
  explicit ThrowawayDirectory(Medium medium = Medium::disk);
  ThrowawayDirectory(const ThrowawayDirectory&) = delete;
  ThrowawayDirectory& operator=(const ThrowawayDirectory&) = delete;
  ~ThrowawayDirectory();

  const std::filesystem::path& path() const { return path_; }
  bool in_memory() const;

 private:
  std::filesystem::path path_;
  int lock_ = -1;  ///< held on a file in it: the kernel lets it go however this program ends
};

}  // namespace dbtool::pg
