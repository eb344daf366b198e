#include "pg/template_cache.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/process.h"
#include "pg/data_directory.h"
#include "pg/server_user.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kept_for = 24h;
constexpr const char* lock_name = "in-use";
constexpr const char* unfinished = "new-";

/// Ours, and nobody else may write in it.
bool is_own(const fs::path& directory) {
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Held while a kept directory is read, shared, or while one is removed, alone. Not there: nothing is done.
class EntryLock {
 public:
  EntryLock(const fs::path& directory, int how)
      : file_(::open((directory / lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)),
        held_(file_ >= 0 && ::flock(file_, how | LOCK_NB) == 0) {}
  EntryLock(const EntryLock&) = delete;
  EntryLock& operator=(const EntryLock&) = delete;
  ~EntryLock() {
    if (file_ >= 0) ::close(file_);
  }
  bool held() const { return held_; }

 private:
  int file_;
  bool held_;
};

bool is_fresh(const fs::path& entry) {
  std::error_code error;
  const auto changed = fs::last_write_time(entry, error);
  return !error && fs::file_time_type::clock::now() - changed < kept_for;
}

/// Size and time of a file, by which another text under its name is known; "" when there is none.
std::string look_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "";
  return std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

std::string name_for(const ServerOptions& options) {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  if (boot.empty()) return "";
  const auto user = server_user();
  // initdb takes over the collations that the machine has.
  std::string made_from = boot + "\n" + std::to_string(user ? user->uid : ::geteuid()) + "\n" +
                          options.binaries.directory.string() + "\n" + options.locale_provider + "\n" +
                          options.locale + "\n" + look_of("/usr/lib/locale") + "\n" +
                          look_of("/usr/lib/locale/locale-archive");
  for (const char* program : {"postgres", "initdb"}) {
    const std::string look = look_of(options.binaries.directory / program);
    if (look.empty()) return "";
    made_from += "\n" + look;
  }
  return "data-" + std::to_string(options.binaries.major) + "-" + sha256_hex(made_from).substr(0, 16);
}

void remove_stale(const fs::path& directory) {
  const EntryLock lock(directory, LOCK_EX);
  if (!lock.held()) return;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    const bool ours = name.starts_with("data-") || name.starts_with(unfinished);
    std::error_code ignored;
    if (ours && !is_fresh(entry->path())) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

fs::path user_cache() {
  const char* const given = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  fs::path parent;
  if (given != nullptr && *given == '/') {
    parent = given;
  } else if (home != nullptr && *home == '/' && is_own(home)) {
    parent = fs::path(home) / ".cache";
  }
  if (parent.empty()) return {};
  std::error_code error;
  fs::create_directories(parent / "dbtool", error);
  if (error || !is_own(parent) || !is_own(parent / "dbtool")) return {};
  fs::permissions(parent / "dbtool", fs::perms::owner_all, error);
  return parent / "dbtool";
}

TemplateCache::TemplateCache(const ServerOptions& options)
    : directory_(options.template_cache), name_(name_for(options)) {}

bool TemplateCache::copy_to(const fs::path& data) const {
  if (name_.empty()) return false;
  const EntryLock lock(directory_, LOCK_SH);
  std::error_code error;
  if (!lock.held() || !fs::exists(directory_ / name_ / "PG_VERSION", error) || !is_fresh(directory_ / name_))
    return false;
  try {
    copy_data(directory_ / name_, data);
    return true;
  } catch (const std::exception&) {
    std::error_code ignored;
    fs::remove_all(data, ignored);
    return false;
  }
}

void TemplateCache::keep(const fs::path& data) const {
  if (name_.empty()) return;
  remove_stale(directory_);
  std::string part = (directory_ / (std::string(unfinished) + "XXXXXX")).string();
  if (::mkdtemp(part.data()) == nullptr) return;
  std::error_code ignored;
  try {
    copy_data(data, fs::path(part) / "data");
    // Fails when another dbtool was there first.
    fs::rename(fs::path(part) / "data", directory_ / name_, ignored);
  } catch (const std::exception&) {
    // No room, perhaps.
  }
  fs::remove_all(part, ignored);
}

}  // namespace dbtool::pg
