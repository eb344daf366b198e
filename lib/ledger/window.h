#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/session.h"
#include "pg/connection.h"

/// Windows: from the moment at which the trees are closed to the one at which they are open again. The
/// server's clock is the one that counts; all lengths of time are in seconds.
namespace dbtool::ledger {

struct WindowRecord {
  std::int64_t number = 0;
  std::string opened_at;                      ///< ISO with zone
  std::string closes_at;                      ///< when services are to be up again
  std::string planned_at;                     ///< the same as it was said when the window was opened
  std::string closed_at;                      ///< when they were; empty: it is open
  double reserve = 0;                         ///< at its end, to bring services up
  std::string opened_by;                      ///< "ana on ops1"
  std::string reason;                         ///< empty: none was given
  double opened_epoch = 0, closes_epoch = 0;  ///< since 1970
  double elapsed = 0;                         ///< since it was opened, until it was closed or now
  double left = 0;                            ///< to `closes_at`, from its end or now; negative: overrun
  int runs = 0;                               ///< that ended within it
  /// From the end of the last run in it to the window's: how long it took to bring services up.
  std::optional<double> reopening;

  bool is_open() const { return closed_at.empty(); }
};

/// How a window begins.
struct WindowStart {
  double length = 0;  ///< from now to `closes_at`
  double reserve = 0;
  std::string opened_by;
  std::string reason{};
};

/// Seconds since 1970 on the server's clock.
double server_clock(pg::Connection& connection);

/// The same of the beginning of the week, month, quarter or year (`unit`) that it is in, in UTC.
double period_start(pg::Connection& connection, const std::string& unit);

/// Throws Error (failed) when one is open already. The ledger must be of this program's format.
WindowRecord open_window(pg::Connection& connection, const Session& session, const WindowStart& start);
/// Moves the end of the open window by `seconds`, which may be negative. Throws Error (failed) when none is
/// open, or when it would end in the past.
WindowRecord extend_window(pg::Connection& connection, const Session& session, double seconds);
/// Ends the open window `ago` seconds before now, but not before it was opened. Throws Error (failed) when
/// none is open.
WindowRecord close_window(pg::Connection& connection, const Session& session, double ago = 0);

/// The window that is open. nullopt: none, or the ledger is older than windows, or there is none.
std::optional<WindowRecord> current_window(pg::Connection& connection);
/// Newest first, without the open one.
std::vector<WindowRecord> closed_windows(pg::Connection& connection, int limit);
/// Those that were open at some time between two moments (seconds since 1970), the open one too; newest
/// first.
std::vector<WindowRecord> windows_between(pg::Connection& connection, double first, double last);

/// How long bringing services up takes: the longest of the last five windows with a run in them, and a
/// quarter more, in whole minutes. A window that somebody forgot to close teaches nothing: where it took
/// longer than the whole window was to; nor does one that was closed within a minute: nothing was brought up.
/// nullopt: there is nothing to learn from.
std::optional<double> learned_reserve(pg::Connection& connection);

}  // namespace dbtool::ledger
