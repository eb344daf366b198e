#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "model/throttle_settings.h"

namespace dbtool {

/// How old the last good backup may be when a window's first step begins.
struct BackupSettings {
  std::string query;  ///< its age, as an interval or in seconds
  std::chrono::milliseconds limit{};
};

/// A time in which nothing is to be changed, on the clock of WindowSettings::zone; `to` is no longer in it.
struct Freeze {
  std::chrono::local_seconds from{}, to{};
  std::string reason;  ///< empty: none is given
};

/// What a team demands of its windows; README, "Windows", says what each means.
struct WindowSettings {
  std::optional<BackupSettings> backup_age;
  std::optional<HoursSettings> hours;
  std::vector<Freeze> freezes;
  std::string zone;  ///< of freezes, and of hours that name none; empty: of the machine dbtool is on
  /// How far replicas may be behind. nullopt: nothing is demanded of them, and what they are like is told.
  std::optional<LagSettings> replicas;
  bool tells_replicas = true;  ///< false: nobody wants to know
  /// What takes no longer is done in a downtime, anything else online. nullopt: there is no such rule.
  std::optional<std::chrono::milliseconds> short_downtime;
};

}  // namespace dbtool
