#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dbtool {

/// A user of this machine, as whom root may start a child.
struct SystemUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// nullopt when there is no such user.
std::optional<SystemUser> find_system_user(const std::string& name);

struct ProcessOptions {
  std::filesystem::path directory{};  ///< to work in; empty: this one
  /// Variables to set; nullopt removes one.
  std::vector<std::pair<std::string, std::optional<std::string>>> environment{};
  std::optional<SystemUser> user{};  ///< to run as, for root alone
  std::string input{};               ///< for its stdin
  /// Send this signal to the child when this program ends, however it ends; 0: none. (Linux)
  int signal_at_our_end = 0;
  /// run_process alone: asked some times a second. From the first time that it says so the program is to end,
  /// with everything that it has started: they get SIGTERM, and SIGKILL where that does not help. The program
  /// has a process group of its own then, away from the terminal's signals.
  std::function<bool()> is_to_end{};
  /// start_process alone: file that stdout and stderr are appended to; empty: this program's own.
  std::filesystem::path log{};
};

struct ProcessOutcome {
  int exit_status = 0;  ///< 128 + signal when a signal ended it, as in a shell
  std::string output;   ///< its stdout
  std::string errors;   ///< its stderr
  bool succeeded() const { return exit_status == 0; }
};

/// The file that `name` stands for in $PATH; nullopt when there is none.
std::optional<std::filesystem::path> find_program(const std::string& name);

/// Runs a program (command[0]; looked for in $PATH when it has no slash) to its end.
/// Throws Error when it cannot be started; an exit status other than 0 is for the caller to judge.
ProcessOutcome run_process(const std::vector<std::string>& command, const ProcessOptions& options = {});

/// Starts a program in a session of its own, away from the terminal's signals, and does not wait for it.
pid_t start_process(const std::vector<std::string>& command, const ProcessOptions& options = {});

}  // namespace dbtool
