#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "online/latency_meter.h"
#include "online/outlook.h"
#include "online/throttle/throttle.h"

namespace dbtool::online {

/// Observes the load of the database on a connection and thread of its own, so that a slow answer of the
/// server never keeps the work from being led.
class Monitor {
 public:
  /// `tell` may be called from the thread.
  Monitor(pg::Address address, Guarded guarded, Clock& clock, std::function<void(const Event&)> tell);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  ~Monitor();

  /// Watches by these settings from now on. Tells which signals cannot be had; throws as Throttle::prepare
  /// does.
  void watch(const ThrottleSettings& settings);
  /// The backends of the workers, whose locks others may wait for.
  void set_workers(std::vector<int> backend_pids);
  /// Tables that batches were seen to touch, quoted and qualified.
  void set_tables(std::vector<std::string> tables);
  /// What may be done now of what is wished.
  Limits limits(const Wish& wish);
  /// What all signals said last.
  std::vector<Reading> readings();
  /// How the services fared since the last time; empty where nothing measures it.
  std::vector<LatencyInterval> take_latency();

 private:
  void observe(const std::stop_token& stop, Throttle throttle, pg::Connection connection);
  void end();

  pg::Address address_;
  Guarded guarded_;
  Clock& clock_;
  std::function<void(const Event&)> tell_;
  std::mutex mutex_;
  std::vector<int> workers_;
  std::vector<std::string> tables_;
  Outlook outlook_;
  LatencyMeter latency_;
  std::jthread thread_;
};

}  // namespace dbtool::online
