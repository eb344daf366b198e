#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/rehearsal.h"
#include "window/sample.h"

namespace dbtool::window {

/// What a run waits for, look by look.
class Waits {
 public:
  void add(const Sample& sample);
  /// Share of the looks, "CPU" for nothing.
  std::map<std::string, double> shares() const;

 private:
  std::map<std::string, double> looks_;
  double all_ = 0;
};

/// Waits that take a far larger share of the time than rehearsed, a sentence each, the largest first:
/// "IO:DataFileRead 81 % of the time (rehearsed 12 %)". `slowdown`: here over rehearsed; what is no slower
/// has no reasons to be.
std::vector<std::string> slow_waits(const Waits& waits, const StepCost& cost, double slowdown);

}  // namespace dbtool::window
