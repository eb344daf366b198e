#include "base/file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/error.h"

namespace dbtool {

namespace {

Error failure(ExitCode code, const std::string& what, const std::filesystem::path& path, int number) {
  return Error(code, "cannot " + what + " " + path.string() + ": " + std::strerror(number));
}

void write_all(int fd, std::string_view contents, const std::filesystem::path& path) {
  while (!contents.empty()) {
    const ssize_t written = ::write(fd, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw failure(ExitCode::failed, "write", path, errno);
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// mkostemp makes a file 0600; a new one gets what the umask leaves.
mode_t mode_of_new_file() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666U & ~mask;
}

void replace(const std::filesystem::path& path, std::string_view contents, bool durable) {
  // A link is followed, so that what it points to changes and not the link.
  std::error_code ignored;
  const std::filesystem::path target =
      std::filesystem::is_symlink(path, ignored) ? std::filesystem::canonical(path) : path;
  std::string temporary = target.string() + ".XXXXXX";
  struct stat old {};
  const bool existed = ::stat(target.c_str(), &old) == 0;
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.number() < 0) throw failure(ExitCode::failed, "write", path, errno);
  try {
    if (::fchmod(file.number(), existed ? old.st_mode & 07777U : mode_of_new_file()) != 0) {
      throw failure(ExitCode::failed, "set the mode of", path, errno);
    }
    write_all(file.number(), contents, path);
    if (durable && ::fsync(file.number()) != 0) throw failure(ExitCode::failed, "write", path, errno);
    if (::rename(temporary.c_str(), target.c_str()) != 0)
      throw failure(ExitCode::failed, "write", path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) throw failure(ExitCode::usage, "read", path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) throw failure(ExitCode::usage, "read", path, errno);
  std::string contents;
  // The size is only a hint (it is 0 for files of /proc); one byte more finds the end without another round.
  std::size_t filled = 0;
  contents.resize(static_cast<std::size_t>(status.st_size) + 1);
  while (true) {
    if (filled == contents.size()) contents.resize(contents.size() * 2);
    const ssize_t count = ::read(file.number(), contents.data() + filled, contents.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw failure(ExitCode::usage, "read", path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  contents.resize(filled);
  return contents;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view contents) {
  replace(path, contents, true);
}

void replace_file(const std::filesystem::path& path, std::string_view contents) {
  replace(path, contents, false);
}

}  // namespace dbtool
