#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "online/diagnosis.h"
#include "online/lane.h"
#include "online/rate_watch.h"

namespace dbtool::online {

/// Watches whether the rate of a pass collapses, and finds out why: remembers how batches were run at the
/// start, looks who blocks them while they are slow, and compares. Batches are told by the workers, under
/// the caller's lock, and so is look(); answer() asks the database and is for the leading thread alone,
/// without that lock.
class RateGuard {
 public:
  /// What is to be asked of the database now.
  struct Call {
    enum class What { nothing, first_facts, blockers, diagnosis, recovery };
    What what = What::nothing;
    std::optional<pg::Statement> sample{};
    std::set<std::string> touched{};  ///< tables, by a function's batches
    double rate = 0, usual = 0;       ///< rows a second
    double reads_a_row = 0;
  };

  RateGuard(std::string function, Direction direction, int version)
      : function_(std::move(function)), direction_(direction), version_(version) {}

  void batch_done(Lane& lane, const BatchResult& result, const TimedBatch& batch);
  void batch_failed(std::chrono::microseconds took, bool limited);
  /// `longest`: the batch that is under way longest, of `rows` rows.
  Call look(Clock::Monotonic now, std::chrono::microseconds longest, int rows, bool limited);
  /// Asks it; `setup` begins each transaction as it begins those of batches. What cannot be asked now is left
  /// out: the work never ends for it.
  std::optional<Event> answer(pg::Connection& connection, const std::vector<pg::Statement>& setup,
                              const Call& call, const std::vector<int>& pids);

  bool is_collapsed() const { return watch_.is_collapsed(); }
  /// Why the rate is what it is, while it is collapsed; else empty.
  std::string note() const { return watch_.is_collapsed() ? note_ : ""; }

 private:
  RateCollapsed diagnose(pg::Connection& connection, const Call& call, const std::vector<int>& pids);

  std::string function_;
  Direction direction_;
  int version_;
  // Under the caller's lock.
  RateWatch watch_;
  RateWatch::Change change_ = RateWatch::Change::none;  ///< not yet answered
  std::optional<pg::Statement> sample_;
  bool has_first_facts_ = false;
  double first_reads_a_row_ = 0, reads_a_row_ = 0;
  Clock::Monotonic next_blockers_{};
  // Of the leading thread.
  BatchFacts first_;
  std::vector<Blocker> blockers_;  ///< seen last while batches were slow
  std::string note_;
};

}  // namespace dbtool::online
