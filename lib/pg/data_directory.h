#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pg/server.h"

namespace dbtool::pg {

/// Environment in which the server programs see nothing of the caller's.
std::vector<std::pair<std::string, std::optional<std::string>>> clean_environment();

/// Copies the data directory of a stopped server, and who owns it, to `copy`, which is not there yet. Throws
/// Error.
void copy_data(const std::filesystem::path& data, const std::filesystem::path& copy);

/// Throws Error (stopped) where the server is not wanted any more.
void stop_if_to_end(const ServerOptions& options);

/// Makes the data directory `data` in options.directory, by initdb or as a copy of options.template_data, or
/// of one in options.template_cache. Throws Error with what the program said when that fails.
void initialise(const ServerOptions& options, const std::filesystem::path& data);

}  // namespace dbtool::pg
