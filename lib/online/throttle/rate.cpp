#include "online/throttle/rate.h"

#include <cmath>

namespace dbtool::online {

void Rate::add(Clock::Monotonic now, double counter, double second) {
  if (!samples_.empty() && (counter < samples_.back().counter || second < samples_.back().second))
    samples_.clear();
  samples_.push_back({now, counter, second});
  // The first sample is at the window's begin or before it, so that the window is full.
  while (samples_.size() > 2 && now - samples_[1].at >= window_) samples_.pop_front();
}

double Rate::growth() const {
  return samples_.empty() ? 0 : samples_.back().counter - samples_.front().counter;
}

double Rate::second_growth() const {
  return samples_.empty() ? 0 : samples_.back().second - samples_.front().second;
}

std::optional<double> Rate::per_second() const {
  if (samples_.size() < 2) return std::nullopt;
  const std::chrono::duration<double> time = samples_.back().at - samples_.front().at;
  if (time.count() <= 0) return std::nullopt;
  return growth() / time.count();
}

std::optional<double> seconds_to_checkpoint(double since, double distance, double bytes_per_second) {
  if (bytes_per_second <= 0 || distance <= 0) return std::nullopt;
  // The control file names a checkpoint when it has ended. Beyond the distance one is under way, which began
  // there, and the next is due a distance further.
  const double into = since <= 0 ? 0 : std::fmod(since, distance);
  return (distance - into) / bytes_per_second;
}

}  // namespace dbtool::online
