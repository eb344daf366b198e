#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dbtool {

/// The contents of a file, byte by byte. Throws Error (usage) that names the file and the reason.
std::string read_file(const std::filesystem::path& path);

/// Writes a file so that a reader, or a crash, sees either the old contents or the new ones, never a part.
/// The mode of a file that was there is kept. Throws Error (failed).
void write_file_atomically(const std::filesystem::path& path, std::string_view contents);

/// The same for what is out of date within seconds: a reader sees all or nothing, and no disk is waited for.
void replace_file(const std::filesystem::path& path, std::string_view contents);

}  // namespace dbtool
