#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/online.h"
#include "online/key.h"

namespace dbtool::online {

/// What a batch did.
struct BatchResult {
  std::int64_t rows = 0;   ///< handled: walked by a declared one, moved by a function, compared by `verify`
  std::int64_t moved = 0;  ///< inserted, updated or deleted
  /// Rows read of the tables (of the walked one, if declared); nullopt: not counted this time.
  std::optional<std::int64_t> read;
  /// That a function was seen to touch, quoted and qualified; the first batches of a run tell.
  std::vector<std::string> tables;
  bool done = false;                   ///< the lane is at its end
  std::optional<std::string> odd;      ///< a state that is right for some functions only, in words
  std::vector<std::string> differing;  ///< rows that `verify` found to differ, in words
  /// Waited between two looks at the same rows: neither work nor a measure of how many rows suit a batch.
  std::chrono::milliseconds idle{0};
};

/// What one worker works through, batch by batch: a range of the walked table, or the passes of a function.
/// It knows the statements of a batch and where it stands; how they are run, repeated and paced is the
/// worker's.
class Lane {
 public:
  Lane(int version, ledger::RangeRecord record) : version_(version), record_(std::move(record)) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  virtual ~Lane() = default;

  const ledger::RangeRecord& record() const { return record_; }
  bool done() const { return record_.last.done; }

  /// Whether it is still to be found out where the next batch ends.
  virtual bool needs_bound() const { return false; }
  /// Finds it out; in an open transaction.
  virtual void find_bound(pg::Connection& connection, int size) {
    static_cast<void>(connection), static_cast<void>(size);
  }
  /// The next batch with its checkpoint, as statements of one transaction.
  virtual std::vector<pg::Statement> statements(int size) = 0;
  /// What they returned; `connection` is still in their transaction.
  virtual BatchResult read(pg::Connection& connection, const std::vector<pg::Result>& results) = 0;

  /// The statement of the last statements() that does the work, with its parameters; nullopt: its plan says
  /// nothing, for a function has its own.
  virtual std::optional<pg::Statement> sample() { return std::nullopt; }

  /// The transaction of the last statements() is committed, as the connection of that number saw: the lane
  /// moves on.
  void advance(int connection) {
    record_.last = pending_;
    seen_by_ = connection;
    moved_on();
  }
  /// Whether the connection of that number saw where the lane stands. Another one may lead to a server that
  /// lacks what was committed last: a replica, or one that crashed before it had written it.
  bool is_seen_by(int connection) const { return seen_by_ == connection; }
  /// Whether the database has the last statements()' checkpoint.
  bool was_committed(pg::Connection& connection) const {
    return ledger::has_checkpoint(connection, version_, record_.range, pending_.batch);
  }
  /// Goes to where the database says that the lane stands. Throws Error when it knows nothing of the range.
  void reload(pg::Connection& connection);

  /// Whether its batches must be on disk before they count: else a crash of the server may take the last ones
  /// back, together with their checkpoints.
  virtual bool is_durable() const { return false; }
  /// The batch will be tried again with another size.
  virtual void forget_bound() {}
  /// The row at which a batch of one row fails; nullopt: this lane cannot tell.
  virtual std::optional<std::string> next_row() const { return std::nullopt; }
  /// Cuts off a part that another worker can take; in an open transaction that the caller commits. The new
  /// record's number is `range`. nullopt: too little is left.
  virtual std::optional<ledger::RangeRecord> split(pg::Connection& connection, int range) {
    static_cast<void>(connection), static_cast<void>(range);
    return std::nullopt;
  }
  /// The split is committed.
  void cut_at(const KeyValue& high) {
    record_.high = high;
    forget_bound();
  }

 protected:
  virtual void moved_on() {}
  int version() const { return version_; }
  ledger::Checkpoint& pending() { return pending_; }

 private:
  int version_;
  ledger::RangeRecord record_;
  ledger::Checkpoint pending_;
  int seen_by_ = 0;  ///< number of the connection that last said where it stands; 0: none yet
};

}  // namespace dbtool::online
