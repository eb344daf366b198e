#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ledger/ledger.h"
#include "ledger/work.h"
#include "model/throttle_settings.h"
#include "model/version.h"
#include "online/pace.h"

namespace dbtool::online {

/// As many workers as prove to be worth it.
inline constexpr int auto_workers = 0;

/// One online migration (or downgrade) that is to be carried to its end.
struct Migration {
  Direction direction{};
  const Version* version = nullptr;
  int expected = 0;  ///< what the version row says meanwhile
  std::chrono::milliseconds batch_time = default_batch_time;
  int workers = 1;  ///< or auto_workers; what another terminal wishes beats it
  ThrottleSettings throttle{};
  /// Reads settings that another terminal wishes instead; throws Error when they are none.
  std::function<ThrottleSettings(const std::string&)> read_throttle{};
  std::string user_prefix{};  ///< of the services' users; empty: none
  /// By functions: estimate of what is to move, for the progress; nullopt: unknown.
  std::optional<std::int64_t> rows_total{};
};

/// Carries an online migration to its end: asks whether it is complete; while it is not, passes of batches,
/// each in its own transaction with its checkpoint; then `verify`, if there is one. At the end the functions
/// of the migration and what the ledger kept of it are dropped. `confirm_lock` is called now and then, and
/// throws when the run lock was lost. Throws Error (stopped) after the batches at hand when a stop is wished;
/// everything committed stays.
void run(ledger::Work& work, const Migration& migration, const std::function<void()>& confirm_lock);

}  // namespace dbtool::online
