#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "environment/probe.h"
#include "environment/probe_measure.h"
#include "pg/connection.h"

namespace dbtool::environment {

/// Of a table, from which rows are taken.
inline constexpr int probe_places = 20;

/// The place that comes as number `at`: who ends early has seen all of the table all the same.
constexpr int place_in_order(int at) {
  constexpr int stride = 7;
  return at * stride % probe_places;
}

/// A probe under way: its open transaction, in which each portion of a statement has a savepoint of its own,
/// and its time.
class Portions {
 public:
  Portions(pg::Connection& connection, const ProbeOptions& options, Clock& clock)
      : connection_(connection), options_(options), time_(clock, options.limit) {}

  pg::Connection& connection() const { return connection_; }
  const ProbeOptions& options() const { return options_; }
  const ProbeTime& time() const { return time_; }
  /// What happened that belongs to no statement alone.
  std::vector<std::string>& remarks() { return remarks_; }
  /// A statement was not run: what it would have made is missing.
  void note_not_run() { not_run_ = true; }

  /// For a statement, when so many are left: twice its share, and no more than there is.
  std::chrono::milliseconds allowance(std::size_t statements_left) const;
  /// How many rows the next place may have: some at first, then what there is time for.
  std::int64_t rows_a_place(const ProbedStatement& statement, std::chrono::milliseconds allowed) const;
  /// Adds what `attempt` measures to the statement. False: it failed, and the statement, or a remark, says
  /// why. Unless `keeps`, what it did is taken back at once.
  bool add(ProbedStatement& statement, std::chrono::milliseconds limit, bool keeps,
           const std::function<Portion()>& attempt);
  /// The last portion, which was taken back, once more. That it fails now (somebody holds a lock) is no harm.
  void add_again(ProbedStatement& statement, const std::function<Portion()>& attempt);
  std::string reason(const pg::PgError& error, std::chrono::milliseconds limit) const;

 private:
  pg::Connection& connection_;
  const ProbeOptions& options_;
  ProbeTime time_;
  std::vector<std::string> remarks_;
  bool not_run_ = false;
};

}  // namespace dbtool::environment
