#include "online/throttle/signal_state.h"

#include <algorithm>

namespace dbtool::online {

std::vector<SignalState> signals_of(const std::vector<Reading>& readings) {
  const Observation observation{readings, {}};
  const Reading* const ruling = observation.ruling();
  std::vector<SignalState> signals;
  for (const Reading& reading : readings) {
    SignalState state{reading.signal,
                      reading.load,
                      reading.lost,
                      ruling != nullptr && ruling->signal == reading.signal,
                      {},
                      {},
                      {}};
    if (reading.measure) {
      state.value = reading.measure->value;
      state.limit = reading.measure->limit;
      state.unit = reading.measure->unit;
    }
    const auto known = std::find_if(signals.begin(), signals.end(),
                                    [&](const SignalState& one) { return one.name == state.name; });
    if (known == signals.end()) {
      signals.push_back(std::move(state));
    } else if (known->load < state.load) {
      *known = std::move(state);
    }
  }
  return signals;
}

}  // namespace dbtool::online
