#pragma once

#include <filesystem>
#include <string>

#include "pg/server.h"

/// How test processes and the keeper of their shared server find each other: files and locks in one
/// directory.
///   users    every process that uses the server holds a shared lock; the keeper stops the server when it
///            gets the exclusive one, and a newcomer waits for that end
///   keeper   locked by the keeper while it lives
///   start    locked by the process that starts a keeper
///   url      written by the keeper when the server is ready: its pid and the server's URL of "postgres"
///   keep     when it is there, the keeper waits for an hour, not for seconds
namespace dbtool::test {

/// Where they are for that major version: in the build directory, or, when a server that root starts cannot
/// be reached there, in /tmp.
std::filesystem::path shared_directory(int major);

/// A lock on a file; released when this goes, or the process.
class FileLock {
 public:
  enum class Mode { shared, exclusive };
  explicit FileLock(const std::filesystem::path& file);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();
  void lock(Mode mode);
  bool try_lock();  ///< exclusively
  void unlock();

 private:
  int descriptor_ = -1;
};

}  // namespace dbtool::test
