#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dbtool {

/// The kinds of work whose cost differs from one server to another.
enum class Work { scan_warm, scan_cold, write, index_build, cpu, commit };

/// One kind of work as a small benchmark found it, repeated: higher is slower.
struct Measure {
  Work work{};
  std::string unit;            ///< what one value is, e.g. "ms a commit", "ms for 64 MB"
  std::vector<double> values;  ///< one a repetition
};

/// A table as far as it matters to the time that a migration takes.
struct MeasuredTable {
  std::string name;  ///< qualified unless it is in public
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  ///< heap and toast
  std::int64_t index_bytes = 0;
  int indexes = 0;
  std::int64_t dead_rows = 0;
};

/// What a server and a database are like: a fingerprint by which two can be compared.
struct Environment {
  std::string taken_at;  ///< ISO, UTC
  std::string name;      ///< environment's name; empty: none known
  std::string host, database;
  /// When the server was started, to the microsecond: tells it from every other, copies of its disk included;
  /// empty: not known.
  std::string server_started;
  int server_version = 0;                         ///< e.g. 150018
  int version = 0;                                ///< of the schema
  std::map<std::string, std::string> settings;    ///< with their units, as `show` prints them
  std::map<std::string, std::string> collations;  ///< "database": "en_US.UTF-8 (libc 2.36)"
  std::map<std::string, std::string> extensions;  ///< name → version
  std::int64_t database_bytes = 0;
  std::vector<MeasuredTable> tables;  ///< largest first
  int replicas = 0;
  std::optional<double> cache_hit_share;  ///< of blocks, since the statistics were reset
  std::vector<Measure> measures;          ///< empty: no benchmark was run
};

}  // namespace dbtool
