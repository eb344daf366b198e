#pragma once

#include <stdexcept>
#include <string>

namespace dbtool {

/// Exit codes of the program; stable, documented in the README.
enum class ExitCode : int {
  done = 0,
  failed = 1,       ///< failed, or refused because of the database's state, users or rights
  usage = 2,        ///< wrong usage, goal or project files
  findings = 3,     ///< check, status --exit-code; or an upgrade whose check finds something new
  stopped = 4,      ///< stopped on purpose before the end; can be resumed
  busy = 5,         ///< another dbtool is at work on that database
  unreachable = 6,  ///< no server, authentication, read-only, server version or sort order not as demanded
};

/// The one exception of the program: what happened, and what to do about it.
/// Behaviour is decided by the exit code or by predicates of PgError, not by subclasses.
class Error : public std::runtime_error {
 public:
  explicit Error(ExitCode exit_code, const std::string& message, std::string advice = {})
      : std::runtime_error(message), exit_code_(exit_code), advice_(std::move(advice)) {}

  ExitCode exit_code() const { return exit_code_; }
  /// What the reader should do next; may be empty.
  const std::string& advice() const { return advice_; }

 private:
  ExitCode exit_code_;
  std::string advice_;
};

}  // namespace dbtool
