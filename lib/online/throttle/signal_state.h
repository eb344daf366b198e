#pragma once

#include <vector>

#include "base/event.h"
#include "online/throttle/reading.h"

namespace dbtool::online {

/// What an event tells of these readings: one for each signal, its most loaded one, in the order in which
/// they first come.
std::vector<SignalState> signals_of(const std::vector<Reading>& readings);

}  // namespace dbtool::online
