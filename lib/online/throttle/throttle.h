#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/throttle_settings.h"
#include "online/throttle/reading.h"
#include "pg/connection.h"

namespace dbtool::online {

/// How often an observation is to be made.
inline constexpr std::chrono::milliseconds observation_interval{500};

/// What is walked, and for whom.
struct Guarded {
  std::string table;        ///< as the version file names it; empty: not known (batches by functions)
  std::string user_prefix;  ///< of the services' users; empty: none
};

/// Watches the database, its replicas and the services, and says how loaded each is.
///
/// Use: a thread with a connection of its own, which nobody else uses.
///
///     Throttle throttle(settings.throttle, {table, settings.user_prefix}, clock);
///     for (const SignalOff& off : throttle.prepare(connection)) … tell it, once …
///     Reaction reaction;
///     every observation_interval:
///       if (!connection.is_alive()) … try to open another one; on failure go on with the dead one …
///       const Observation observation = throttle.observe(connection, pids of the workers' backends);
///       … tell observation.warnings; show observation.readings …
///       const Limits limits = reaction.react(clock.now(), wish, observation);
///       … hand `limits` to the workers …
///
/// Statements run for themselves (no transaction stays open), read only, under a statement_timeout of one
/// second; nothing is written. A network that swallows packets keeps `observe` waiting: an observation that
/// does not come is for the caller to notice, by the connection's on_wait.
class Throttle {
 public:
  /// `clock` must outlive it.
  Throttle(const ThrottleSettings& settings, Guarded guarded, Clock& clock);
  Throttle(Throttle&&) noexcept;
  Throttle& operator=(Throttle&&) noexcept;
  ~Throttle();

  /// Finds out which signals can be had, and gives those that are wished and cannot. Throws Error (usage) for
  /// a query that is wrong, a time zone that the server does not know or a `${NAME}` that is not set: a guard
  /// that somebody wished must not be missing because of a misspelt word. Throws PgError when the connection
  /// is lost.
  std::vector<SignalOff> prepare(pg::Connection& connection);

  /// Reads all signals. Does not throw for what cannot be read, lost connections included: such signals count
  /// as loaded until they can be read again. `connection` may be another one than the last time. `tables`:
  /// what batches were seen to touch, besides the walked table.
  Observation observe(pg::Connection& connection, const std::vector<int>& worker_pids,
                      const std::vector<std::string>& tables = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dbtool::online
