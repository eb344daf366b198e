#pragma once

#include <string>
#include <vector>

#include "model/rehearsal.h"

/// How what a step costs grows with its rows, from rehearsals at several sizes. Pure.
namespace dbtool::window {

struct GrowthPoint {
  double rows = 0;
  double cost = 0;
};

/// How exactly a cost is measured: two measurements of the same differ so much, in one standard deviation.
struct GrowthNoise {
  double relative = 0;
  double absolute = 0;  ///< in the cost's own unit
};

/// cost ~ fixed + rows ^ exponent
struct GrowthFit {
  double exponent = 1;
  double error = 0;        ///< standard deviation of the exponent
  double fixed_share = 0;  ///< of the cost at the most rows, between 0 and 1
  std::string law;         ///< as Growth::law
};

/// The law that fits best, linear being thought the likeliest beforehand: two points that grow by less than
/// their rows are taken for fixed costs and a linear rest. Wants two points or more of different, positive
/// rows; with fewer the law is "unsure".
GrowthFit fit_growth(std::vector<GrowthPoint> points, GrowthNoise noise);

/// Of each step of the rehearsal at the largest size (the last one) that handles a table with rows, and was
/// made at two sizes or more.
std::vector<Growth> growth_of(const std::vector<Rehearsal>& ascending);

/// How many times the cost at the largest size there is with `ratio` times its rows.
double grown(double ratio, double exponent, double fixed_share);

/// "linear: time ~ rows ^ 1.02 ± 0.04; 12 % of it fixed costs", never a number without its doubt.
std::string growth_text(const Growth& growth);

}  // namespace dbtool::window
