#include "online/latency_meter.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dbtool::online {

namespace {

/// Queries of the user's have names of their own, which may be these, too; their numbers have no unit.
bool measures_latency(const Reading& reading) {
  if (reading.signal != "probe" && reading.signal != "latency") return false;
  return reading.lost || (reading.measure && reading.measure->unit == "seconds");
}

double median_of(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  if (times.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(times.begin(), middle)) / 2;
}

}  // namespace

void LatencyMeter::add(const std::vector<Reading>& readings) {
  for (const Reading& reading : readings) {
    if (!measures_latency(reading)) continue;
    auto looks = std::find_if(all_.begin(), all_.end(),
                              [&](const Looks& one) { return one.measure == reading.signal; });
    if (looks == all_.end()) looks = all_.insert(looks, {reading.signal, {}, 0, 0});
    if (!reading.measure) {
      ++looks->failed;
      continue;
    }
    looks->times.push_back(reading.measure->value);
    looks->limit = reading.measure->limit;
  }
}

std::vector<LatencyInterval> LatencyMeter::take(Clock::Monotonic now) {
  std::vector<LatencyInterval> intervals;
  for (Looks& looks : all_) {
    if (looks.times.empty() && looks.failed == 0) continue;
    LatencyInterval interval{looks.measure,
                             std::chrono::duration<double>(now - since_).count(),
                             static_cast<int>(looks.times.size()),
                             looks.failed,
                             {},
                             {},
                             looks.limit};
    if (!looks.times.empty()) {
      interval.worst = *std::max_element(looks.times.begin(), looks.times.end());
      interval.median = median_of(std::move(looks.times));
    }
    looks.times.clear();
    looks.failed = 0;
    intervals.push_back(std::move(interval));
  }
  since_ = now;
  return intervals;
}

}  // namespace dbtool::online
