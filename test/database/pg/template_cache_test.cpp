#include "pg/template_cache.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pg/connection.h"
#include "pg/server_user.h"
#include "pg/throwaway_directory.h"
#include "test/support/catch.h"
#include "test/support/server.h"

using namespace dbtool;
namespace fs = std::filesystem;

namespace {

/// A cache, and servers that are started by way of it.
struct CacheFixture {
  CacheFixture() { fs::create_directory(cache); }

  pg::ServerOptions options(const std::string& name) const {
    return {
        .directory = directory.path() / name, .binaries = test::server_binaries(), .template_cache = cache};
  }

  /// Whether a server starts, and what its initdb called it: one copied has the same identifier.
  std::string identifier(const pg::ServerOptions& options) const {
    const pg::Server server = pg::Server::start(options);
    pg::Connection connection = pg::Connection::open({server.url()});
    return std::string(connection.exec("select system_identifier from pg_control_system()").text(0, 0));
  }

  std::vector<fs::path> kept() const {
    std::vector<fs::path> entries;
    for (const fs::directory_entry& entry : fs::directory_iterator(cache))
      if (entry.is_directory()) entries.push_back(entry.path());
    return entries;
  }

  pg::ThrowawayDirectory directory;
  fs::path cache = directory.path() / "cache";
};

void set_or_unset(const char* name, const std::optional<std::string>& value) {
  if (value)
    ::setenv(name, value->c_str(), 1);
  else
    ::unsetenv(name);
}

/// An environment variable, until the end.
class Variable {
 public:
  Variable(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set_or_unset(name, value);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { set_or_unset(name_, before_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("A data directory is made once and copied afterwards", "[pg][cache]") {
  const CacheFixture fixture;
  const std::string first = fixture.identifier(fixture.options("a"));
  REQUIRE(fixture.kept().size() == 1);
  CHECK(fixture.identifier(fixture.options("b")) == first);
  pg::ServerOptions other = fixture.options("c");
  other.locale = "C";
  CHECK(fixture.identifier(other) != first);
  CHECK(fixture.kept().size() == 2);
}

TEST_CASE("What was kept for long, or not to its end, is not copied and goes", "[pg][cache]") {
  const CacheFixture fixture;
  const std::string first = fixture.identifier(fixture.options("a"));
  REQUIRE(fixture.kept().size() == 1);
  const fs::path kept = fixture.kept().front();
  const fs::path half = fixture.cache / "new-abcdef";
  fs::create_directory(half);
  const fs::path foreign = fixture.cache / "notes";
  fs::create_directory(foreign);
  for (const fs::path& path : {kept, half, foreign})
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(25));
  const std::string second = fixture.identifier(fixture.options("b"));
  CHECK(second != first);
  CHECK_FALSE(fs::exists(half));
  CHECK(fs::exists(foreign));
  CHECK(fixture.identifier(fixture.options("c")) == second);
}

TEST_CASE("A kept directory that cannot be copied is made anew", "[pg][cache]") {
  const CacheFixture fixture;
  const std::string first = fixture.identifier(fixture.options("a"));
  const fs::path kept = fixture.kept().front();
  fs::remove_all(kept);
  std::ofstream(kept) << "no directory";
  const std::string second = fixture.identifier(fixture.options("b"));
  CHECK(second != first);
  fs::remove(kept);
  // A cache that is not there is as good as none.
  pg::ServerOptions options = fixture.options("c");
  options.template_cache = fixture.cache / "nowhere";
  CHECK(fixture.identifier(options) != second);
}

TEST_CASE("Two that make the same directory at once keep one of them", "[pg][cache]") {
  const CacheFixture fixture;
  const pg::ServerOptions options = fixture.options("unused");
  std::vector<pid_t> children;
  for (const char* name : {"a", "b"}) {
    const pid_t child = ::fork();
    if (child == 0) {
      pg::ServerOptions own = options;
      own.directory = fixture.directory.path() / name;
      try {
        fixture.identifier(own);
        ::_exit(0);
      } catch (const std::exception&) {
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(fixture.kept().size() == 1);
  CHECK_FALSE(fixture.identifier(fixture.options("c")).empty());
}

TEST_CASE("The user's cache is a directory that nobody else can write", "[pg][cache]") {
  const pg::ThrowawayDirectory directory;
  const fs::path home = directory.path() / "home";
  fs::create_directory(home);
  const Variable no_cache("XDG_CACHE_HOME", std::nullopt);
  const Variable own_home("HOME", home.string());
  CHECK(pg::user_cache() == home / ".cache" / "dbtool");
  CHECK((fs::status(home / ".cache" / "dbtool").permissions() & fs::perms::all) == fs::perms::owner_all);
  fs::permissions(home, fs::perms::all);
  CHECK(pg::user_cache().empty());
  {
    const Variable given("XDG_CACHE_HOME", (directory.path() / "given").string());
    CHECK(pg::user_cache() == directory.path() / "given" / "dbtool");
    fs::permissions(directory.path() / "given", fs::perms::all);
    CHECK(pg::user_cache().empty());
  }
  const Variable no_home("HOME", std::nullopt);
  CHECK(pg::user_cache().empty());
}
