#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "pg/connection.h"
#include "window/backend_cpu.h"
#include "window/sample.h"

namespace dbtool::window {

/// Looks at a working backend from a connection of its own, one round trip a look. What the backend's open
/// transaction has written of the write-ahead log is in no view before it ends; all else is, so that it is
/// the difference between what the log grew and what others say they wrote. Not for use by two threads at
/// once.
class Sampler {
 public:
  /// Opens nothing yet. `address` leads to the database that the step works on.
  Sampler(pg::Address address, Clock& clock);

  /// A step begins its work on that backend: everything counts from now on.
  void begin(int backend_pid);
  /// The step goes on in another transaction or backend; what was counted stays.
  void works(int backend_pid);
  /// nullopt: the server does not answer at the moment, or the backend's transaction has ended. Never throws;
  /// a connection that is lost is opened again, at most every few seconds.
  std::optional<Sample> look();
  /// The step is over: the last look's sample, with what was written since then where nobody else wrote.
  Sample end();

  /// False: what the step writes cannot be told from others' (pg_stat_wal may not be read or was reset); then
  /// all is taken for its own, and `wal_bytes_least` is 0.
  bool tells_own_wal() const { return tells_own_wal_; }

 private:
  /// What a look reads of the log.
  struct Log {
    std::int64_t position = 0;
    std::int64_t reported = 0;  ///< by everybody, since the statistics were reset
    std::string reset;
  };
  bool connect();
  std::optional<Sample> ask();
  void count_wal(const Log& log, const std::string& writers, Sample& sample);
  void count_size(const pg::Result& size, Clock::Monotonic asked, Sample& sample);
  std::optional<BackendCpu> cpu_of(const pg::Result& row) const;

  pg::Address address_;
  Clock& clock_;
  std::optional<pg::Connection> connection_;
  Clock::Monotonic next_try_{};
  bool may_read_wal_ = true;
  bool tells_own_wal_ = true;
  bool is_local_ = false;

  int pid_ = 0;
  Clock::Monotonic began_{};
  std::optional<Log> base_;                      ///< when the transaction under way began
  std::int64_t carried_ = 0;                     ///< of the step's transactions before
  std::int64_t others_ = 0;                      ///< others', in transactions of the step before
  std::int64_t position_ = 0;                    ///< of the log, when last looked
  std::map<std::string, std::int64_t> writers_;  ///< open transactions of others → position before they wrote
  std::int64_t least_ = 0;
  std::optional<std::int64_t> size_base_;
  int looks_ = 0;
  int looks_between_locks_ = 1;
  Clock::Monotonic next_size_{};
  std::optional<BackendCpu> cpu_base_;
  double cpu_carried_ = 0;
  double queued_carried_ = 0;
  Sample last_;
};

}  // namespace dbtool::window
