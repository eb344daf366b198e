#pragma once

#include <optional>
#include <string>
#include <vector>

namespace dbtool::online {

/// A number that a signal has measured, and the bound that it must keep.
struct Measure {
  double value = 0;
  double limit = 0;
  std::string unit;  ///< "seconds", "bytes", "bytes_per_second", "sessions" …; empty: a query's own
};

/// What one signal says now.
struct Reading {
  std::string signal;                ///< key of dbtool.yml, or the name of a query of `queries`
  double load = 0;                   ///< value ÷ limit; 1 or more: too much
  std::string text;                  ///< for people: "replica r2 lag 210 MB (limit 200 MB)"
  bool hard = false;                 ///< while it is too much, nothing may move at all
  bool lost = false;                 ///< could be read before and cannot now; counts as loaded
  std::optional<Measure> measure{};  ///< where the signal is a number

  bool is_loaded() const { return load >= 1; }
};

/// What all signals say at one time.
struct Observation {
  /// Of every signal that is on and has something to say; a signal of many replicas has one for each.
  std::vector<Reading> readings;
  /// What a person should read, said once: replicas that are gone.
  std::vector<std::string> warnings;

  /// The reading that rules: a hard one that is loaded, or else the most loaded; nullptr when there is none.
  const Reading* ruling() const;
};

/// A signal that is wished and cannot be had.
struct SignalOff {
  std::string signal;
  std::string reason;
  std::string remedy;  ///< which right or setting would help
};

/// "throttle: lag is off: … ; …"
std::string describe(const SignalOff& off);

}  // namespace dbtool::online
