#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace dbtool::pg {

/// What a server writes into postmaster.pid of its data directory.
struct PostmasterFile {
  pid_t pid = 0;
  std::filesystem::path socket_directory;
  int port = 0;
  std::string status;  ///< "starting", "ready", "stopping", "standby"; "": not yet written
};

/// nullopt when there is no such file, or only half of it yet.
std::optional<PostmasterFile> read_postmaster_file(const std::filesystem::path& data);

enum class ProcessState { gone, other_program, postmaster };

/// Whether `pid` is the postmaster of that data directory; numbers are used again, in containers soon.
ProcessState process_state(pid_t pid, const std::filesystem::path& data);

}  // namespace dbtool::pg
