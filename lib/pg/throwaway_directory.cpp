#include "pg/throwaway_directory.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "pg/postmaster.h"
#include "pg/server_user.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* owner_lock_name = "in-use";
constexpr auto removal_patience = 10s;

/// Locked before it gets its name: a file of that name that is not locked belongs to a program that has
/// ended.
int lock_directory(const fs::path& directory) {
  const fs::path unnamed = directory / "in-use.new";
  const int lock = ::open(unnamed.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (lock >= 0 && ::flock(lock, LOCK_EX) == 0 &&
      ::rename(unnamed.c_str(), (directory / owner_lock_name).c_str()) == 0)
    return lock;
  const int error = errno;
  if (lock >= 0) ::close(lock);
  throw Error(ExitCode::failed, "cannot lock " + directory.string() + ": " + std::strerror(error));
}

/// False when a server goes on running in it.
bool end_server(const fs::path& data) {
  const auto limit = std::chrono::steady_clock::now() + removal_patience;
  const auto file = read_postmaster_file(data);
  if (!file || process_state(file->pid, data) != ProcessState::postmaster) return true;
  ::kill(file->pid, SIGQUIT);
  while (process_state(file->pid, data) == ProcessState::postmaster) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

bool remove_contents(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() != owner_lock_name) fs::remove_all(entry->path(), error);
  }
  return !error;
}

/// The lock's file goes last: what cannot be removed now is found again. Programs that are about to end may
/// still write.
void remove_directory(const fs::path& directory) {
  constexpr int tries = 10;
  for (int i = 0; !remove_contents(directory); ++i) {
    if (i == tries) return;
    std::this_thread::sleep_for(20ms);
  }
  std::error_code ignored;
  fs::remove(directory / owner_lock_name, ignored);
  fs::remove(directory, ignored);
}

/// Removes a directory whose program has ended; one in use, and what is not ours, stays.
void remove_if_left(const fs::path& directory) {
  const fs::path name = directory / owner_lock_name;
  const int lock = ::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (lock < 0) return;
  struct stat status {};
  const bool ours = ::fstat(lock, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid();
  if (ours && ::flock(lock, LOCK_EX | LOCK_NB) == 0 && end_server(directory / "data") &&
      end_server(directory / "server" / "data")) {
    remove_directory(directory);
  }
  ::close(lock);
}

void remove_leftovers(const fs::path& where) {
  constexpr std::string_view start = "dbtool-";
  std::error_code error;
  for (fs::directory_iterator entry(where, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(start)) remove_if_left(entry->path());
  }
}

constexpr const char* memory_place = "/dev/shm";

bool is_memory(const fs::path& directory, struct statfs& status) {
  constexpr auto tmpfs = 0x01021994;
  return ::statfs(directory.c_str(), &status) == 0 && status.f_type == tmpfs;
}

/// A container has 64 MB there as a rule. What is in it counts as used memory: most of that must stay to
/// others.
bool has_room_in_memory() {
  constexpr std::uint64_t room = std::uint64_t{1} << 30;
  struct statfs status {};
  return is_memory(memory_place, status) &&
         static_cast<std::uint64_t>(status.f_bavail) * static_cast<std::uint64_t>(status.f_bsize) >= room &&
         available_memory() >= 4 * room && server_can_reach(memory_place);
}

/// systemd empties it of an ordinary user's files when his last session ends; the server of root's belongs to
/// a system user.
bool stays_in_memory() {
  return ::geteuid() == 0 || !fs::exists("/run/systemd/system");
}

fs::path make_directory(Medium medium) {
  const fs::path temporary = fs::temp_directory_path();
  const bool suits = server_can_reach(temporary) && takes_socket(temporary / "dbtool-XXXXXX");
  const fs::path where = suits ? temporary : "/tmp";
  remove_leftovers(where);
  remove_leftovers(memory_place);
  // Who names another place for temporary files has a reason.
  if (medium == Medium::memory && temporary == "/tmp" && stays_in_memory() && has_room_in_memory())
    return make_short_directory(memory_place);
  return make_short_directory(where);
}

}  // namespace

ThrowawayDirectory::ThrowawayDirectory(Medium medium)
    : path_(make_directory(medium)), lock_(lock_directory(path_)) {}

bool ThrowawayDirectory::in_memory() const {
  struct statfs status {};
  return is_memory(path_, status);
}

ThrowawayDirectory::~ThrowawayDirectory() {
  remove_directory(path_);
  ::close(lock_);
}

}  // namespace dbtool::pg
