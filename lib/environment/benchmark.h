#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/interrupt.h"
#include "model/environment.h"
#include "model/project.h"
#include "pg/connection.h"

/// What two databases differ in, as far as it can be measured without being felt.
namespace dbtool::environment {

/// Throws Error when a benchmark must not be run on this database: a standby or a read-only one, or tables of
/// the benchmark that subscribers would be told of; unless `forced` also when services are connected (by
/// their users; without a user prefix sessions of any other user count) or another dbtool is at work. Reads
/// only.
void refuse_benchmark(pg::Connection& connection, const Project& project, bool forced);

/// Sessions of services in this database, in words, one a user and application: those of their users, without
/// a user prefix those of any other user.
std::vector<std::string> connected_services(pg::Connection& connection, const Project& project);

struct BenchmarkOptions {
  std::string role;  ///< that works, as `set role`; empty: the connected user
  int repetitions = 8;
  /// After that no further repetition is begun.
  std::chrono::milliseconds time_limit{30'000};
  std::chrono::milliseconds statement_limit{10'000};  ///< for each of its statements
};

struct Benchmark {
  std::vector<Measure> measures;
  std::vector<std::string> remarks;  ///< what could not be measured, and what is not known of it
  std::int64_t wal_bytes = 0;        ///< written on the server meanwhile, by anybody
  std::chrono::milliseconds duration{};
};

/// Measures each kind of work some times over, in turn, in tables of some megabytes in a schema of its own,
/// on a connection of its own. The schema is gone at the end, also after a stop or a failure; what a killed
/// benchmark has left is removed first. Throws Error (busy) when another one is at work in this database,
/// Error (stopped) when a stop is wished, pg::PgError.
Benchmark run_benchmark(const pg::Address& address, const BenchmarkOptions& options, Clock& clock,
                        const Observer& observer, const InterruptCount& interrupts);

/// The schema of its tables.
inline constexpr const char* benchmark_schema = "dbtool_benchmark";

}  // namespace dbtool::environment
