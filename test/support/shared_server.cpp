#include "test/support/shared_server.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/digest.h"
#include "pg/server_user.h"

namespace dbtool::test {

namespace fs = std::filesystem;

fs::path shared_directory(int major) {
  const std::string name = "test-server-" + std::to_string(major);
  const fs::path build = DBTOOL_BUILD_DIRECTORY;
  // Room for the socket's name, and for root's server the right to enter.
  if (pg::server_can_reach(build) && (build / name / "server").string().size() < 90) return build / name;
  return fs::path("/tmp") /
         ("dbtool-" + std::to_string(::getuid()) + "-" + sha256_hex(build.string()).substr(0, 12)) / name;
}

FileLock::FileLock(const fs::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) throw std::runtime_error("cannot open " + file.string() + ": " + std::strerror(errno));
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

void FileLock::lock(Mode mode) {
  while (::flock(descriptor_, mode == Mode::shared ? LOCK_SH : LOCK_EX) != 0) {
    if (errno != EINTR) throw std::runtime_error(std::string("cannot lock: ") + std::strerror(errno));
  }
}

bool FileLock::try_lock() {
  return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
}

void FileLock::unlock() {
  ::flock(descriptor_, LOCK_UN);
}

}  // namespace dbtool::test
