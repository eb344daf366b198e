#pragma once

#include <filesystem>
#include <optional>

#include "base/process.h"

namespace dbtool::pg {

/// As whom a server that we start runs: root may not run one, so for root it is `postgres` or `nobody`.
/// nullopt: as ourselves. Throws Error when there is no such user.
std::optional<SystemUser> server_user();

/// Makes that user the owner of a path; throws Error when that fails.
void give_to_server(const std::filesystem::path& path);

/// Whether that user can get at `directory`, as far as it exists.
bool server_can_reach(const std::filesystem::path& directory);

/// Makes `where`/dbtool-XXXXXX, with another ending each time, and gives it to the server's user.
std::filesystem::path make_short_directory(const std::filesystem::path& where);

/// Whether a socket in this directory has a path that the system can take.
bool takes_socket(const std::filesystem::path& directory);

}  // namespace dbtool::pg
