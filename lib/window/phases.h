#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/rehearsal.h"
#include "window/sample.h"

namespace dbtool::window {

/// A step's phases as rehearsed, and in which of them a run is: known by its statements and notices, which
/// come in the order of the rehearsal. One that was too short to be seen is passed over.
class Phases {
 public:
  struct Phase {
    std::string kind;  ///< empty: before the first
    std::string name;
    double began = 0, ended = 0;  ///< rehearsed seconds
  };

  explicit Phases(const StepCost& cost);

  /// Whether the sample shows that another phase has begun.
  bool see(const Sample& sample);
  /// The phase must be over, although the next one was not seen to begin. It is taken back when a sample
  /// shows otherwise. False: it is the last one.
  bool pass_on();

  const Phase& current() const { return phases_[current_]; }
  bool is_last() const { return current_ + 1 == phases_.size(); }
  std::size_t count() const { return phases_.size(); }

 private:
  bool enter(const std::string& kind, const std::string& text);

  std::vector<Phase> phases_;  ///< without gaps; at least one
  std::size_t seen_ = 0;       ///< the last one that a sample showed
  std::size_t current_ = 0;
  std::string statement_, notice_;  ///< of the last sample
};

}  // namespace dbtool::window
