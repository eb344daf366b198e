#pragma once

#include <cstdint>
#include <string>

#include "window/forecast.h"

/// Times and numbers as people read them in a night.
namespace dbtool::window {

/// "8 s", "3 min 20 s", "47 min", "2 h 40", "16 h", "3 d 4 h". Below zero it is nought.
std::string span_to_text(double seconds);

/// "2 h 40 – 3 h 50": both ends rounded away from each other, as coarsely as such a time deserves.
std::string range_to_text(const Range& range);

/// "40,000", "27.1 M".
std::string count_to_text(std::int64_t count);

}  // namespace dbtool::window
