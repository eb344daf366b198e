#include "pg/postmaster.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <vector>

#include <signal.h>

namespace dbtool::pg {

namespace {

namespace fs = std::filesystem;

int number_of_line(const std::string& text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::optional<PostmasterFile> read_postmaster_file(const fs::path& data) {
  std::ifstream file(data / "postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  // pid, data directory, start time, port, socket directory, listen address, shared memory key, status
  if (lines.empty() || number_of_line(lines[0]) <= 0) return std::nullopt;
  lines.resize(8);
  while (!lines[7].empty() && lines[7].back() == ' ') lines[7].pop_back();
  return PostmasterFile{number_of_line(lines[0]), lines[4], number_of_line(lines[3]), lines[7]};
}

ProcessState process_state(pid_t pid, const fs::path& data) {
  if (::kill(pid, 0) != 0 && errno == ESRCH) return ProcessState::gone;
  const fs::path process = "/proc/" + std::to_string(pid);
  std::error_code error;
  const fs::path directory = fs::read_symlink(process / "cwd", error);
  if (!error) {
    const bool same = fs::equivalent(directory, data, error);
    return same && !error ? ProcessState::postmaster : ProcessState::other_program;
  }
  // Another user's process: only its name can be read. A zombie has no directory either; in a container it
  // may stay for ever, and postgres takes it for a server that still runs.
  std::string name, state;
  std::ifstream(process / "comm") >> name;
  if (name.empty()) return ProcessState::gone;
  std::ifstream status(process / "stat");
  std::getline(status, state);
  if (const std::size_t end = state.rfind(')'); end != std::string::npos && state.substr(end + 2, 1) == "Z") {
    return ProcessState::other_program;
  }
  return name == "postgres" || name == "postmaster" ? ProcessState::postmaster : ProcessState::other_program;
}

}  // namespace dbtool::pg
