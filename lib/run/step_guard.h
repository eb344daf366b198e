#pragma once

#include <cstdint>
#include <optional>

#include "run/plan.h"

namespace dbtool::run {

/// Who looks on while the steps of a run work: a window that may end one, a rehearsal that measures.
/// Called on the thread that runs the steps.
class StepGuard {
 public:
  StepGuard() = default;
  StepGuard(const StepGuard&) = delete;
  StepGuard& operator=(const StepGuard&) = delete;
  virtual ~StepGuard() = default;

  /// Before a step; throws Error (stopped) where it must not be begun.
  virtual void before(std::int64_t run, const Step& step) = 0;
  /// The step's work begins on that backend; again when it is tried again, and for each of its statements
  /// that runs on its own. Not called for the batches of an online part, which have backends of their own.
  virtual void works(int backend_pid) = 0;
  /// At least every 100 ms while a statement of the step runs. What it throws cancels the statement, is
  /// thrown on when the backend is done with it, and ends the run; online parts call it between two batches.
  virtual void poll() = 0;
  /// A transaction of the step has done all its work, and is about to be committed.
  virtual void before_commit() {}
  /// About how many rows an online part will have moved in the end; nullopt: it is not known here.
  virtual std::optional<std::int64_t> rows_to_move(const OnlineStep& /*step*/) const { return std::nullopt; }
  /// The step is over: committed, or failed and rolled back.
  virtual void after(const Step& step, bool done) = 0;
};

}  // namespace dbtool::run
