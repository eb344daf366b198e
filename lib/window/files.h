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

/// The newest rehearsal in `rehearsals/` of the project directory; nullopt: there is none.
std::optional<std::filesystem::path> newest_rehearsal(const std::filesystem::path& project_directory);

}  // namespace dbtool::window
