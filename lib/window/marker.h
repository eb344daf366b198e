#pragma once

#include <optional>
#include <string_view>

#include "window/forecast.h"
#include "window/pace_history.h"

/// What a script says of its own progress, if it cares to. Pure: knows neither database nor clock.
namespace dbtool::window {

/// The share, between 0 and 1, that an application_name tells: "progress 37 %", "progress 370000/1000000",
/// alone or behind something else; nullopt: it tells none.
std::optional<double> marked_share(std::string_view application_name);

/// How long a step takes that says again and again how much of the whole is done.
class Marker {
 public:
  /// A look so long after the step began; `share` nullopt: nothing was said then.
  void add(double seconds, std::optional<double> share);
  /// What was said last; nullopt: nothing was, or less than before, so that it is not about the whole.
  std::optional<double> share() const;
  /// What is left, from the last look; nullopt: nothing can be said by it.
  std::optional<Forecast> left() const;

 private:
  PaceHistory history_;
  double seconds_ = 0;  ///< of the last look
  double changed_ = 0;  ///< when `share_` was first seen
  double share_ = 0;
  bool about_the_whole_ = true;
};

}  // namespace dbtool::window
