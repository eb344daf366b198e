#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "ledger/window.h"
#include "run/preflight.h"
#include "run/window_guard.h"

namespace dbtool::cli {

/// Options that hold a run against a window.
std::vector<OptionSpec> window_options();

/// The flags.
struct WindowWish {
  std::optional<std::chrono::milliseconds> length;   ///< --window
  std::optional<std::string> until;                  ///< --until
  std::optional<std::chrono::milliseconds> reserve;  ///< --reserve
  /// --on-overrun; where it is not given: ask a person who is there, else stop.
  window::OnOverrun on_overrun = window::OnOverrun::stop;
  bool says_overrun = false;
};
/// Throws Error(usage).
WindowWish window_wish(Context& context, const Arguments& arguments);

/// The window that was given, or else the one that the ledger has open; nullopt: none. What is left of it is
/// counted on this machine's monotonic clock, beginning with what the server's clock says. Throws
/// Error(usage).
std::optional<window::Deadline> deadline(Context& context, const WindowWish& wish,
                                         pg::Connection& connection);

/// What the team's rules, backups, replicas and sessions say against beginning `plan` in the window; nothing
/// without a window. `force`: of problems only warnings are left.
run::Preflight window_preflight(Context& context, const std::optional<window::Deadline>& deadline,
                                pg::Connection& connection, const Project& project, const run::Plan& plan,
                                bool force);

/// Reads again, on a connection of its own, the window that the ledger has open, and moves `deadline` as far
/// as somebody has moved that since: a clock that is set moves nothing. nullopt where it cannot be read, or
/// none is open any more. Empty where no window of the ledger's is heeded.
std::function<std::optional<window::Deadline>()> moved_deadline(Context& context, const WindowWish& wish,
                                                                pg::Connection& connection,
                                                                std::optional<window::Deadline> deadline);

/// What is known of the cost of steps: --rehearsal, or else the newest file in rehearsals/; converted to the
/// environment that `environments/NAME.json` describes, where there is one; and what the database itself
/// tells. `connection`: nullptr: no database is at hand.
run::Knowledge read_knowledge(Context& context, const Arguments& arguments, pg::Connection* connection);

/// The option of read_knowledge, for commands that only tell.
OptionSpec rehearsal_option();

}  // namespace dbtool::cli
