#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "catalog/full/known_functions.h"
#include "ledger/run_lock.h"
#include "model/object.h"
#include "scratch/host.h"

namespace dbtool::scratch {

/// Whether a walk runs the online part of the version that it ends at, or leaves it open.
enum class OnlinePart { run, put_off };

/// One throwaway database of a host, in which versions run as anywhere. Dropped at the end.
class Database {
 public:
  Database(Host& host, Clock& clock, const std::string& copy_of = {});
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Runs the versions up or down to `goal`. Throws what run::Run throws. With its online part put off, the
  /// first version that has one ends the walk behind its transaction.
  void go(int goal, const InterruptCount& interrupts = {}, const Observer& observer = {},
          OnlinePart online = OnlinePart::run);
  /// The version that the database is at.
  int version();
  /// Its full catalog, names as in catalog/full.h.
  Catalog read();
  /// A connection to it, kept open until close().
  pg::Connection& connection();
  /// Leaves it without sessions of ours, so that it can be copied.
  void close();
  const std::string& name() const { return name_; }

 private:
  Host& host_;
  Clock& clock_;
  std::string name_;
  std::optional<pg::Connection> connection_;
  std::optional<ledger::RunLock> lock_;  ///< from one walk to the next
  std::optional<int> at_;                ///< where the last walk has ended; absent: to be asked
  catalog::KnownFunctions known_;        ///< from one reading to the next
};

}  // namespace dbtool::scratch
