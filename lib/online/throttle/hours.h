#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "model/throttle_settings.h"

namespace dbtool::online {

/// Whether rows may be moved at that time of the day (since midnight).
bool allows(const HoursSettings& settings, std::chrono::minutes time);

/// The time of the day here, in the machine's time zone.
std::chrono::minutes local_time(Clock::Wall wall);

/// "22:00-06:00, 12:00-13:00 Europe/Berlin"
std::string describe(const HoursSettings& settings);

}  // namespace dbtool::online
