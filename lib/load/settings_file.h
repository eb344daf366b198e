#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "load/load.h"
#include "load/reader.h"
#include "model/settings.h"

namespace dbtool::load {

/// Reads dbtool.yml over the defaults. `others_may_read`: whether people other than the owner can read the
/// file; then a password in it is a complaint, else a warning.
Settings read_settings(const Reader& reader, const Environment& environment, bool others_may_read,
                       std::vector<std::string>& warnings);

/// Whether a connection URL or keyword string holds a password that is not a `${NAME}`.
bool holds_password(std::string_view connection);

/// Whether the group or everybody may read a file.
bool others_may_read(const std::filesystem::path& file);

}  // namespace dbtool::load
