#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pg/connection.h"

namespace dbtool::environment {

/// Times of reading pages of the largest table in their order, those alone where nearly all pages came from
/// outside shared_buffers.
struct ColdScan {
  std::vector<double> milliseconds;  ///< for 8 MB each; at most `repetitions`
  std::string remark;                ///< what was read, or why nothing could be
};

/// Reads pieces of at most 8 MB, together less than a quarter of shared_buffers, from places of the table
/// taken at random. Takes ACCESS SHARE on it, waits no longer than 300 ms for that. In no transaction.
/// Begins no further piece after 5 s.
ColdScan read_cold(pg::Connection& connection, int repetitions, Clock& clock);

/// The times of an `explain (analyze, buffers, format json)`.
struct ExplainedScan {
  double milliseconds = 0;  ///< of the execution
  std::int64_t hit = 0, read = 0;
};
ExplainedScan explain_scan(pg::Connection& connection, const std::string& statement);

}  // namespace dbtool::environment
