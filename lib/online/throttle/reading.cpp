#include "online/throttle/reading.h"

#include <algorithm>
#include <utility>

namespace dbtool::online {

const Reading* Observation::ruling() const {
  const auto weight = [](const Reading& reading) {
    return std::pair(reading.hard && reading.is_loaded(), reading.load);
  };
  const auto found =
      std::max_element(readings.begin(), readings.end(),
                       [&](const Reading& a, const Reading& b) { return weight(a) < weight(b); });
  return found == readings.end() ? nullptr : &*found;
}

std::string describe(const SignalOff& off) {
  std::string text = "throttle: " + off.signal + " is off: " + off.reason;
  if (!off.remedy.empty()) text += "; " + off.remedy;
  return text;
}

}  // namespace dbtool::online
