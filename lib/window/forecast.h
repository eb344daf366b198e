#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/rehearsal.h"
#include "window/sample.h"

/// How long a step takes: before it begins, and while it runs. Pure: knows neither database nor clock.
namespace dbtool::window {

/// In seconds.
struct Range {
  double low = 0;
  double high = 0;
};

/// How far a forecast may be believed.
enum class Trust {
  unknown,   ///< nothing is known: there is no range
  weak,      ///< a range that is not to be relied upon; `source` says why
  measured,  ///< from a rehearsal, or from what is seen of the run itself
};

constexpr const char* to_text(Trust trust) {
  return trust == Trust::unknown ? "unknown" : trust == Trust::weak ? "weak" : "measured";
}

/// Never a bare number: a range and where it comes from.
struct Forecast {
  Trust trust = Trust::unknown;
  Range range;         ///< before: of the whole step; during: of what is left; nine in ten are to be inside
  double likely = 0;   ///< inside the range, to count with; people are never shown it alone
  std::string source;  ///< "rehearsed on 2026-11-20 on a copy of 27.1 M rows, converted by 1.5–2.1"
};

/// How much slower (> 1) or faster one kind of work is here than where it was rehearsed.
struct Conversion {
  Work work{};
  double low = 1, high = 1;
  std::string reason;  ///< not empty: not comparable, and why; low and high mean nothing then
};

/// What a step has to do here, against what it had in its rehearsal.
struct Scale {
  std::optional<std::int64_t> rows;   ///< of the step's largest table, as the planner knows them here
  std::optional<std::int64_t> bytes;  ///< of that table, heap and toast: of use where nothing was rehearsed
  std::vector<Conversion> conversions;
  std::optional<Growth> growth{};  ///< of the step's cost, where it was rehearsed at several sizes
  /// Where the conversions come from, if from the step's own work: "probed here on 2026-11-30, 10,000 of 27.1
  /// M rows"
  std::string probed{};
};

/// The table by whose rows the cost of a step is scaled; nullptr: it touches none that has rows.
const TableCost* scaling_table(const StepCost& cost);

/// Before a step begins. `rehearsal` may be nullptr, or may not know the step.
Forecast forecast_before(const Rehearsal* rehearsal, Direction direction, int version, const Scale& scale);
/// The same of a version's online part, all its passes and without a throttle.
Forecast forecast_online(const Rehearsal* rehearsal, Direction direction, int version, const Scale& scale);

/// While a step runs: takes sample after sample, and says what is left.
class Estimator {
 public:
  /// `cost` as rehearsed, nullptr: never; `before` as forecast before it began.
  Estimator(const StepCost* cost, const Forecast& before, const Scale& scale);
  Estimator(Estimator&&) noexcept;
  Estimator& operator=(Estimator&&) noexcept;
  ~Estimator();

  void add(const Sample& sample);
  /// What is left, from now.
  Forecast left() const;
  /// How much of the work is done, between 0 and 1, as far as it can be told.
  std::optional<double> progress() const;
  /// Why it is slower than rehearsed, a sentence each: "IO:DataFileRead 81 % of the time (rehearsed 12 %)".
  std::vector<std::string> reasons() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dbtool::window
