#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "model/rehearsal.h"

/// Rehearsals and environments as JSON files; their schemas are published beside the output's.
namespace dbtool::window {

std::string to_json(const Environment& environment);
std::string to_json(const Rehearsal& rehearsal);

/// Throw Error(usage) that names the file, what is wrong in it and what to do.
Environment read_environment(const std::filesystem::path& file);
Rehearsal read_rehearsal(const std::filesystem::path& file);

/// Where the rehearsal goes that was to be written to `file` and failed on its way: beside it, so that no
/// good one is written over. "20-20261120T080000Z.failed.json"
std::filesystem::path failed_file(const std::filesystem::path& file);

/// The newest rehearsal in `rehearsals/` of the project directory; nullopt: there is none. One that failed
/// counts only where none of the same goal did not.
std::optional<std::filesystem::path> newest_rehearsal(const std::filesystem::path& project_directory);

}  // namespace dbtool::window
