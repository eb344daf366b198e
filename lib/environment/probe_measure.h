#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "environment/probe.h"
#include "pg/connection.h"
#include "sql/parts.h"

namespace dbtool::environment {

/// Time for the whole of a probe.
class ProbeTime {
 public:
  ProbeTime(Clock& clock, std::chrono::milliseconds limit) : clock_(clock), end_(clock.now() + limit) {}
  std::chrono::milliseconds left() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(end_ - clock_.now()));
  }
  Clock& clock() const { return clock_; }

 private:
  Clock& clock_;
  Clock::Monotonic end_;
};

/// A statement in the form in which it is run and measured.
struct MeasuredForm {
  bool explained = false;  ///< by EXPLAIN (ANALYZE); else inside of a block, with the clock of the server
  std::string sql;
  std::vector<pg::Parameter> parameters{};
};

/// `declarations` are the script's, `prelude` what gives its variables their values.
MeasuredForm measured_form(const sql::BlockPart& part, const std::string& text,
                           const std::string& declarations, const std::string& prelude);

/// Runs it once, for no longer than `limit`. In an open transaction. Throws pg::PgError.
Portion measure(pg::Connection& connection, const MeasuredForm& form, std::chrono::milliseconds limit);

/// Why a statement failed, for people. `limit`: that it had.
std::string reason_of(const pg::PgError& error, std::chrono::milliseconds limit,
                      std::chrono::milliseconds lock_timeout, bool others_not_run);

}  // namespace dbtool::environment
