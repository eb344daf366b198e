#include "base/file.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "base/error.h"
#include "test/support/catch.h"

using namespace dbtool;
namespace fs = std::filesystem;

namespace {

/// An empty directory that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "dbtool-file-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("A file is written whole and read back", "[base]") {
  const Folder folder;
  const fs::path path = folder.path() / "a";
  write_file_atomically(path, "one\r\n");
  CHECK(read_file(path) == "one\r\n");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  write_file_atomically(path, std::string(100000, 'x'));
  CHECK(read_file(path) == std::string(100000, 'x'));
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  write_file_atomically(path, "");
  CHECK(read_file(path).empty());
  // Nothing is left beside it.
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("Writing through a link changes what it points to", "[base]") {
  const Folder folder;
  write_file_atomically(folder.path() / "real", "old");
  fs::create_symlink("real", folder.path() / "link");
  write_file_atomically(folder.path() / "link", "new");
  CHECK(fs::is_symlink(folder.path() / "link"));
  CHECK(read_file(folder.path() / "real") == "new");
}

TEST_CASE("A file that cannot be read or written is an error that names it", "[base]") {
  const Folder folder;
  try {
    read_file(folder.path() / "none");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("none: No such file") != std::string::npos);
    CHECK(error.exit_code() == ExitCode::usage);
  }
  CHECK_THROWS_AS(read_file(folder.path()), Error);
  CHECK_THROWS_AS(write_file_atomically(folder.path() / "no" / "file", "x"), Error);
}
