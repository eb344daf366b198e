#include "pg/server_user.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_socket_path = 107;  // bytes, of sockaddr_un
constexpr std::string_view socket_name = "/.s.PGSQL.5432";

}  // namespace

std::optional<SystemUser> server_user() {
  if (::geteuid() != 0) return std::nullopt;
  if (auto user = find_system_user("postgres")) return user;
  if (auto user = find_system_user("nobody")) return user;
  throw Error(ExitCode::unreachable,
              "a PostgreSQL server cannot run as root, and there is no user postgres or nobody",
              "install the package postgresql, or run dbtool as another user");
}

void give_to_server(const fs::path& path) {
  const auto user = server_user();
  if (user && ::lchown(path.c_str(), user->uid, user->gid) != 0) {
    throw Error(ExitCode::failed,
                "cannot give " + path.string() + " to user " + user->name + ": " + std::strerror(errno));
  }
}

bool server_can_reach(const fs::path& directory) {
  const auto user = server_user();
  if (!user) return true;
  fs::path part;
  for (const fs::path& name : fs::absolute(directory).lexically_normal()) {
    part /= name;
    struct stat status {};
    if (::stat(part.c_str(), &status) != 0) return errno == ENOENT;
    const bool own = status.st_uid == user->uid;
    const bool group =
        std::find(user->groups.begin(), user->groups.end(), status.st_gid) != user->groups.end();
    if ((status.st_mode & (own ? S_IXUSR : group ? S_IXGRP : S_IXOTH)) == 0) return false;
  }
  return true;
}

fs::path make_short_directory(const fs::path& where) {
  std::string pattern = (where / "dbtool-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Error(ExitCode::failed, "cannot make a directory " + pattern + ": " + std::strerror(errno));
  }
  give_to_server(pattern);
  return pattern;
}

bool takes_socket(const fs::path& directory) {
  return directory.string().size() + socket_name.size() <= longest_socket_path;
}

}  // namespace dbtool::pg
