#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "pg/connection.h"

/// How the services fared while rows were moved online: the curve of what the throttle measured.
namespace dbtool::ledger {

/// What one measure of the services' latency came to over an interval; times are in seconds.
struct LatencyRecord {
  std::int64_t run = 0;
  int version = 0;
  Direction direction{};
  std::string measure;      ///< the throttle's key: "probe", "latency"
  double seconds = 0;       ///< that the interval lasted
  std::int64_t looks = 0;   ///< that gave a time
  std::int64_t failed = 0;  ///< that gave none, such as a probe that was cut off for taking too long
  /// Of the looks' times; nullopt: none gave one. Where intervals were put together, the mean of their
  /// medians.
  std::optional<double> median;
  std::optional<double> worst;
  double limit = 0;  ///< of dbtool.yml
  double began = 0;  ///< when read: seconds after the run began
};

/// Adds an interval that ends now.
pg::Statement latency_statement(const LatencyRecord& record);
/// Puts every two intervals of a version's online part together, for who must not let them grow without end:
/// no worst time is lost by it.
pg::Statement merge_latency_statement(std::int64_t run, int version);

/// All of a run, in the order in which it happened. Nothing where the ledger is older than these records, and
/// where the user may not read them.
std::vector<LatencyRecord> read_latency(pg::Connection& connection, std::int64_t run);

}  // namespace dbtool::ledger
