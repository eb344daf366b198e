#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "model/settings.h"
#include "pg/connection.h"

namespace dbtool::ledger {

/// What every transaction that changes things fixes first, whatever the role or the database may have set
/// otherwise.
struct Session {
  std::string role;           ///< `set local role`; empty: none
  std::string version_table;  ///< quoted and qualified

  static Session from(const Settings& settings);

  /// Statements for the start of a transaction: search path, time limits, formats, role, no row hidden
  /// silently, and the lock by which a later run finds it if it becomes an orphan. `lock_timeout`: 0 for
  /// none.
  std::vector<pg::Statement> setup(int server_version, std::chrono::milliseconds lock_timeout = {}) const;
};

/// Opens a connection for who works as `role` (empty: as who connects). A login that is a member of it
/// without having its rights (noinherit) could read nothing of what the role owns: it is that role from the
/// start, here and on every connection that is opened at the address() of this one.
pg::Connection open_as(const pg::Address& address, const std::string& role);

/// For Address::options of a connection that looks at sessions: what becomes of one is shown to its own
/// login, not to the role that it has taken.
inline constexpr const char* as_login = "-c role=none";

/// Who may work, and on what: checked at the start of every work transaction.
struct Fence {
  std::int64_t run = 0;
  int version = 0;   ///< of the step, whose advisory lock the transaction holds
  int expected = 0;  ///< what the version row must say
  enum class Mode { exclusive, shared } mode = Mode::exclusive;  ///< how the version row is locked
};

/// SQLSTATEs that the fence raises.
inline constexpr const char* fenced_state = "DBT01";         ///< another run has taken over
inline constexpr const char* wrong_version_state = "DBT02";  ///< the version row says something else

/// Takes the step's lock, confirms that this run is the current one and that the version row says what it
/// must. What follows in the same batch has been run when the answer is looked at: nothing that the services
/// could feel should.
std::vector<pg::Statement> fence_statements(const Session& session, const Fence& fence);

}  // namespace dbtool::ledger
