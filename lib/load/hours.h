#pragma once

#include <optional>
#include <string_view>

#include "model/throttle_settings.h"

namespace dbtool::load {

/// "22:00-06:00", "12:00-13:00, 22:00-06:00 Europe/Berlin": hours of the day, then perhaps a time zone.
/// nullopt when it is none; hours that end when they begin are none.
std::optional<HoursSettings> parse_hours(std::string_view text);

}  // namespace dbtool::load
