#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/rehearsal.h"
#include "window/sample.h"

namespace dbtool::window {

/// For how much of its first `seconds` a step had not waited for a processor.
struct FreePoint {
  double seconds = 0;
  double free = 0;
};

/// Makes the cost of one step from what was seen of it. Pure; a step of days needs no more memory than one of
/// minutes.
class Recorder {
 public:
  Recorder(Direction direction, int version, std::string kind);

  /// In the order of their seconds, as are notices.
  void add(const Sample& sample);
  /// The script raised a notice, so long after the step began.
  void notice(double seconds, const std::string& text);
  /// The step is over: `end` tells time, log and CPU as a whole. `end.seconds` is its duration.
  StepCost finish(const Sample& end) const;

 private:
  struct Phase {
    std::string kind, name;
    double began = 0;
  };
  struct Lock {
    double began = 0;
    std::optional<double> ended;  ///< nullopt: held when last looked
    int waited_for = 0;
  };
  void add_statement(const Sample& sample);
  void add_locks(const Sample& sample);
  void add_point(double seconds, std::int64_t wal_bytes);
  void add_free(const Sample& sample);

  StepCost cost_;
  std::vector<CurvePoint> curve_;
  std::vector<FreePoint> free_;  ///< both members ascend
  bool tells_free_ = true;       ///< every look told what was waited for a processor
  int samples_a_point_ = 1;
  int samples_since_point_ = 0;
  std::vector<Phase> phases_;
  std::string statement_;
  std::map<std::pair<std::string, std::string>, Lock> locks_;
  std::map<std::string, int> waits_;
  int looks_ = 0;
};

/// What a phase of that statement is called; empty: it is none of a script's, but of what dbtool does around
/// it.
std::string phase_name(const std::string& statement);

/// At most so many points, evenly chosen, the last one being kept.
std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& curve, std::size_t points);

/// When a step would have come to where it was after `at` seconds if it had waited for a processor all along
/// as much as it did until the last of the points.
double evened(const std::vector<FreePoint>& points, double at);

/// The log written after so many seconds, between the points of a curve that begins at nothing.
double wal_at(const std::vector<CurvePoint>& curve, double seconds);

}  // namespace dbtool::window
