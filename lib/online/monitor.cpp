#include "online/monitor.h"

#include <csignal>

#include <fmt/format.h>

#include <utility>

namespace dbtool::online {

using namespace std::chrono_literals;

Monitor::Monitor(pg::Address address, Guarded guarded, Clock& clock, std::function<void(const Event&)> tell)
    : address_(std::move(address)),
      guarded_(std::move(guarded)),
      clock_(clock),
      tell_(std::move(tell)),
      latency_(clock.now()) {}

Monitor::~Monitor() {
  end();
}

void Monitor::end() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Monitor::watch(const ThrottleSettings& settings) {
  end();
  Throttle throttle(settings, guarded_, clock_);
  pg::Connection connection = pg::Connection::open(address_);
  for (const SignalOff& off : throttle.prepare(connection))
    tell_(Message{Message::Level::note, describe(off)});
  {
    const std::lock_guard lock(mutex_);
    outlook_.begin(clock_.now());
  }
  thread_ = std::jthread([this, throttle = std::move(throttle),
                          connection = std::move(connection)](const std::stop_token& stop) mutable {
    observe(stop, std::move(throttle), std::move(connection));
  });
}

void Monitor::observe(const std::stop_token& stop, Throttle throttle, pg::Connection connection) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  connection.on_wait([&stop] {
    if (stop.stop_requested()) throw Error(ExitCode::stopped, "the monitor ends", "");
  });
  while (!stop.stop_requested()) {
    const auto began = clock_.now();
    if (!connection.is_alive()) {
      try {
        connection = pg::Connection::open(address_);
      } catch (const Error&) {
        // What cannot be read counts as loaded; the workers say what is wrong with the server.
      }
    }
    std::vector<int> workers;
    std::vector<std::string> tables;
    {
      const std::lock_guard lock(mutex_);
      workers = workers_;
      tables = tables_;
    }
    Observation observation;
    try {
      observation = throttle.observe(connection, workers, tables);
    } catch (const Error&) {
      // The end of the work came in the midst of it. Whatever else it is: no observation is one that counts
      // as loaded.
      clock_.sleep(50ms);
      continue;
    }
    for (const std::string& warning : observation.warnings) tell_(Message{Message::Level::warning, warning});
    {
      const std::lock_guard lock(mutex_);
      latency_.add(observation.readings);
      outlook_.take(std::move(observation), clock_.now());
    }
    while (!stop.stop_requested() && clock_.now() - began < observation_interval) clock_.sleep(50ms);
  }
}

void Monitor::set_workers(std::vector<int> backend_pids) {
  const std::lock_guard lock(mutex_);
  workers_ = std::move(backend_pids);
}

void Monitor::set_tables(std::vector<std::string> tables) {
  const std::lock_guard lock(mutex_);
  tables_ = std::move(tables);
}

Limits Monitor::limits(const Wish& wish) {
  const std::lock_guard lock(mutex_);
  return outlook_.limits(clock_.now(), wish);
}

std::vector<Reading> Monitor::readings() {
  const std::lock_guard lock(mutex_);
  return outlook_.readings();
}

std::vector<LatencyInterval> Monitor::take_latency() {
  const std::lock_guard lock(mutex_);
  return latency_.take(clock_.now());
}

}  // namespace dbtool::online
