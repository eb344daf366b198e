#include "window/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dbtool::window {

namespace {

constexpr double looks_to_know = 20;

}  // namespace

void Waits::add(const Sample& sample) {
  looks_[sample.wait.empty() ? "CPU" : sample.wait] += 1;
  all_ += 1;
}

std::map<std::string, double> Waits::shares() const {
  std::map<std::string, double> shares;
  if (all_ < looks_to_know) return shares;
  for (const auto& [wait, looks] : looks_) shares[wait] = looks / all_;
  return shares;
}

std::vector<std::string> slow_waits(const Waits& waits, const StepCost& cost, double slowdown) {
  // Shares say where the time goes; times the slow-down they say where time goes that did not go there
  // before.
  std::vector<std::pair<double, std::string>> found;
  for (const auto& [wait, share] : waits.shares()) {
    if (wait == "CPU") continue;
    const auto known = cost.waits.find(wait);
    const double rehearsed = known == cost.waits.end() ? 0 : known->second;
    const double more = share * slowdown - rehearsed;
    if (share < 0.1 || share < rehearsed * 1.5 || more < 0.1) continue;
    found.emplace_back(more, cost.waits.empty() ? fmt::format("{} {:.0f} % of the time", wait, share * 100)
                                                : fmt::format("{} {:.0f} % of the time (rehearsed {:.0f} %)",
                                                              wait, share * 100, rehearsed * 100));
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> reasons;
  for (auto& [more, reason] : found) reasons.push_back(std::move(reason));
  return reasons;
}

}  // namespace dbtool::window
