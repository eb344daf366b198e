#pragma once

#include <string>
#include <variant>
#include <vector>

#include "model/throttle_settings.h"
#include "online/throttle/signal.h"

namespace dbtool::online {

/// A signal, or why it cannot be had.
using Built = std::variant<Signal, SignalOff>;

// One function a signal; the name of the signal is its key in dbtool.yml. README, "Throttle", says what each
// means and needs.

// sessions.cpp
Signal watch_active(std::int64_t limit);
Signal watch_waiting(std::int64_t limit);
Signal watch_blocked(std::chrono::milliseconds limit);
Signal watch_transaction(std::chrono::milliseconds limit);

// wal.cpp
Signal watch_wal(std::int64_t bytes_per_second);
Signal watch_checkpoint(std::chrono::milliseconds least);

// replication.cpp
Signal watch_lag(const LagSettings& settings, std::chrono::milliseconds absence);
Signal watch_slots(std::int64_t limit);

// archive.cpp
Built watch_archive(std::int64_t limit, const ServerFacts& facts);

// vacuum.cpp; `table` may be empty, and then what batches were seen to touch counts alone
Signal watch_vacuum(const std::string& table);

// statements.cpp
Built watch_latency(const LatencySettings& settings, const std::string& user_prefix,
                    const ServerFacts& facts);

// queries.cpp
Signal watch_probe(const ProbeSettings& settings);
Signal watch_disk(const DiskSettings& settings);
Signal watch_number(const NumberSettings& settings);

// hours.cpp
Signal watch_hours(const HoursSettings& settings);

// standbys.cpp
Signal watch_cancelled(const CancelledSettings& settings, std::chrono::milliseconds absence);

}  // namespace dbtool::online
