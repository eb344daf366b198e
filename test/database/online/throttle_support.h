#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "online/throttle/throttle.h"
#include "test/support/catch.h"
#include "test/support/server.h"

namespace dbtool::test {

/// No signal at all: what a test is about is set by it.
inline ThrottleSettings nothing_watched() {
  ThrottleSettings settings;
  settings.blocked.reset();
  settings.lag.reset();
  settings.vacuum = false;
  return settings;
}

/// The reading of a signal; one that nobody could take for real where there is none.
inline online::Reading reading_of(const online::Observation& observation, const std::string& signal) {
  for (const online::Reading& reading : observation.readings) {
    if (reading.signal == signal) return reading;
  }
  return {"none", -1, "no reading of " + signal};
}

/// Whether something comes true within half a minute.
inline bool eventually(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// A throttle on a database, its connection and its clock.
struct Watch {
  SimulatedClock clock{};
  pg::Connection connection;
  online::Throttle throttle;
  std::vector<online::SignalOff> off{};
  std::vector<int> workers{};
  std::vector<std::string> tables{};  ///< seen to be touched

  Watch(const std::string& url, const ThrottleSettings& settings, const online::Guarded& guarded = {})
      : connection(pg::Connection::open({.url = url})), throttle(settings, guarded, clock) {
    off = throttle.prepare(connection);
  }
  /// After half a second.
  online::Observation observe() {
    clock.advance(online::observation_interval);
    return throttle.observe(connection, workers, tables);
  }
  online::Reading read(const std::string& signal) { return reading_of(observe(), signal); }
};

inline pg::Connection open(const std::string& url) {
  return pg::Connection::open({.url = url});
}

/// Writes about so many megabytes of WAL, down to the disk.
inline void write_wal(const std::string& url, int megabytes) {
  pg::Connection connection = open(url);
  for (int i = 0; i < megabytes; ++i)
    connection.query("select pg_logical_emit_message(true, 'test', repeat('x', 1024 * 1024))");
}

}  // namespace dbtool::test
