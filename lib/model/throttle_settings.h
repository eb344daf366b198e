#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dbtool {

/// A query of the user's that returns a number, or whose own time is measured.
struct ProbeSettings {
  std::string query;
  std::chrono::milliseconds limit{};  ///< of its own time
};

/// Mean time of the services' statements, from pg_stat_statements.
struct LatencySettings {
  std::chrono::milliseconds limit{};
  std::vector<std::string> users;  ///< empty: the services' users, those with the user prefix
};

/// How far replicas may fall behind, in bytes of WAL.
struct LagSettings {
  std::int64_t limit = 0;           ///< bytes
  std::vector<std::string> except;  ///< names of replicas that do not count, such as delayed ones
};

/// Queries that replay cancels on standbys.
struct CancelledSettings {
  struct Replica {
    std::string url;      ///< libpq URL or keyword string; `${NAME}` already replaced
    std::string unset{};  ///< "dbtool.yml:9:20: …" when a `${NAME}` of it is not set
  };
  double limit = 0;  ///< a minute, over all replicas
  std::vector<Replica> replicas;
};

/// A query that returns one number.
struct NumberSettings {
  std::string name;
  std::string query;
  double bound = 0;
  bool least = false;  ///< whether `bound` is the least good value, else the largest
  bool pause = false;  ///< whether nothing moves while it is beyond the bound
  std::chrono::milliseconds every{};
};

/// Free disk space by a query; nothing moves while there is less.
struct DiskSettings {
  std::string query;
  std::int64_t least = 0;  ///< bytes
  std::chrono::milliseconds every{};
};

/// Hours of the day in which rows may be moved; the end is no longer in it. From later than to: over
/// midnight.
struct Hours {
  std::chrono::minutes from{}, to{};  ///< since midnight
  bool operator==(const Hours&) const = default;
};

struct HoursSettings {
  std::vector<Hours> allowed;
  std::string zone;  ///< as the database server knows it, "Europe/Berlin"; empty: of the machine dbtool is on
};

/// What slows an online migration down; nullopt: not watched. README, "Throttle", says what each means.
struct ThrottleSettings {
  std::optional<ProbeSettings> probe;
  std::optional<LatencySettings> latency;
  std::optional<std::int64_t> active;                           ///< sessions
  std::optional<std::int64_t> waiting;                          ///< sessions
  std::optional<std::chrono::milliseconds> blocked{200};        ///< longest wait for a lock of ours
  std::optional<std::int64_t> wal;                              ///< bytes a second
  std::optional<std::chrono::milliseconds> checkpoint;          ///< least time to the next forced one
  std::optional<LagSettings> lag = LagSettings{200 << 20, {}};  ///< of each replica
  std::optional<std::int64_t> slots;                            ///< bytes that one slot holds back
  std::optional<std::int64_t> archive;                          ///< WAL files not archived
  bool vacuum = true;                                    ///< pause for an autovacuum against wraparound
  std::optional<std::chrono::milliseconds> transaction;  ///< age of the oldest one
  std::optional<CancelledSettings> cancelled;
  std::optional<DiskSettings> disk;
  std::optional<HoursSettings> hours;
  std::vector<NumberSettings> queries;
  /// A replica that is gone counts as loaded for so long, then no more.
  std::chrono::milliseconds absence = std::chrono::minutes(5);
};

}  // namespace dbtool
