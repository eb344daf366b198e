#include "window/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "window/forecast.h"

namespace dbtool::window {

namespace {

constexpr double most_exponent = 4;
constexpr double exponent_step = 0.01;
// Nearly all that versions do to tables is linear or little more; data must speak clearly against it.
constexpr double prior_exponent = 1;
constexpr double prior_spread = 0.35;
// Fixed costs explain what grows slowly. That they hide growth that is worse than linear must be shown.
constexpr double hidden_growth = 20;

constexpr GrowthNoise time_noise{0.07, 0.02};       // seconds
constexpr GrowthNoise wal_noise{0.03, 256 * 1024};  // bytes: checkpoints, the ledger, catalogs

/// cost = fixed + growing × (rows ÷ most rows) ^ exponent, for a given exponent.
struct Line {
  double fixed = 0, growing = 0;
  double misfit = 0;  ///< sum of squares, in standard deviations of the noise
};

Line line_of(const std::vector<GrowthPoint>& points, GrowthNoise noise, double exponent) {
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  const auto weight = [&](const GrowthPoint& point) {
    const double deviation = std::hypot(noise.relative * point.cost, noise.absolute);
    return 1 / (deviation * deviation);
  };
  const auto size = [&](const GrowthPoint& point) {
    return std::pow(point.rows / points.back().rows, exponent);
  };
  for (const GrowthPoint& point : points) {
    const double own = weight(point);
    const double x = size(point);
    w += own;
    wx += own * x;
    wy += own * point.cost;
    wxx += own * x * x;
    wxy += own * x * point.cost;
  }
  Line line;
  const double determinant = w * wxx - wx * wx;
  // With an exponent near 0 the two parts cannot be told apart: all is fixed then.
  if (determinant > 1e-12 * w * wxx) {
    line.growing = (w * wxy - wx * wy) / determinant;
    line.fixed = (wy * wxx - wx * wxy) / determinant;
  } else {
    line.fixed = wy / w;
  }
  if (line.fixed < 0) line = {0, wxy / wxx, 0};
  if (line.growing < 0) line = {wy / w, 0, 0};
  for (const GrowthPoint& point : points) {
    const double off = point.cost - line.fixed - line.growing * size(point);
    line.misfit += weight(point) * off * off;
  }
  return line;
}

/// What n log n looks like over these sizes, as a power.
double n_log_n_exponent(double least, double most) {
  const auto logarithm = [](double rows) { return std::log(std::max(rows, 3.0)); };
  return 1 + std::log(logarithm(most) / logarithm(least)) / std::log(most / least);
}

std::string law_of(const GrowthFit& fit, double least, double most) {
  constexpr double nearly_all = 0.85;
  constexpr double unsure = 0.3;
  if (fit.fixed_share > nearly_all) return "does not grow";
  if (fit.error > unsure) return "unsure";
  const double n_log_n = n_log_n_exponent(least, most);
  const double doubt = 2 * fit.error;
  if (fit.exponent < 1 - std::max(doubt, 0.1)) return "less than linear";
  if (fit.exponent < (1 + n_log_n) / 2) return "linear";
  // Where the two cannot be told apart, the one that is commoner.
  if (fit.exponent - doubt < 1 && fit.exponent < n_log_n + fit.error / 2) return "linear";
  return fit.exponent <= n_log_n + std::max(doubt, 0.05) ? "n log n" : "worse than n log n";
}

}  // namespace

GrowthFit fit_growth(std::vector<GrowthPoint> points, GrowthNoise noise) {
  std::erase_if(points, [](const GrowthPoint& point) { return point.rows <= 0; });
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.rows < b.rows; });
  if (points.size() < 2 || points.front().rows >= points.back().rows)
    return {prior_exponent, prior_spread, 0, "unsure"};

  std::vector<double> exponents, misfits, strangeness;
  for (int at = 0; at * exponent_step <= most_exponent; ++at) {
    exponents.push_back(at * exponent_step);
    const Line line = line_of(points, noise, exponents.back());
    misfits.push_back(line.misfit);
    const double off = (exponents.back() - prior_exponent) / prior_spread;
    const double least =
        line.fixed + line.growing * std::pow(points.front().rows / points.back().rows, exponents.back());
    const double hidden = least > 0 ? line.fixed / least * std::max(0.0, exponents.back() - 1) : 0;
    strangeness.push_back(off * off + hidden_growth * hidden);
  }
  // More noise than was thought of makes all less sure.
  const double freedom = std::max(1.0, static_cast<double>(points.size()) - 2);
  const double excess = std::max(1.0, *std::min_element(misfits.begin(), misfits.end()) / freedom);
  std::vector<double> doubts;
  for (std::size_t at = 0; at < exponents.size(); ++at)
    doubts.push_back(misfits[at] / excess + strangeness[at]);
  const auto best = static_cast<std::size_t>(std::min_element(doubts.begin(), doubts.end()) - doubts.begin());
  double sum = 0, squares = 0;
  for (std::size_t at = 0; at < exponents.size(); ++at) {
    const double likelihood = std::exp((doubts[best] - doubts[at]) / 2);
    sum += likelihood;
    squares += likelihood * (exponents[at] - exponents[best]) * (exponents[at] - exponents[best]);
  }
  GrowthFit fit;
  fit.exponent = exponents[best];
  fit.error = std::sqrt(squares / sum);
  const Line line = line_of(points, noise, fit.exponent);
  const double whole = line.fixed + line.growing;
  fit.fixed_share = whole > 0 ? line.fixed / whole : 0;
  fit.law = law_of(fit, points.front().rows, points.back().rows);
  return fit;
}

std::vector<Growth> growth_of(const std::vector<Rehearsal>& ascending) {
  std::vector<Growth> found;
  if (ascending.size() < 2) return found;
  for (const StepCost& largest : ascending.back().steps) {
    const TableCost* table = scaling_table(largest);
    if (table == nullptr) continue;
    Growth growth;
    growth.direction = largest.direction;
    growth.version = largest.version;
    growth.kind = largest.kind;
    std::vector<GrowthPoint> times, logs;
    for (const Rehearsal& rehearsal : ascending) {
      const auto step =
          std::find_if(rehearsal.steps.begin(), rehearsal.steps.end(), [&](const StepCost& one) {
            return one.direction == largest.direction && one.version == largest.version &&
                   one.kind == largest.kind;
          });
      if (step == rehearsal.steps.end()) continue;
      const auto same = std::find_if(step->tables.begin(), step->tables.end(),
                                     [&](const TableCost& one) { return one.name == table->name; });
      if (same == step->tables.end() || same->rows_before <= 0) continue;
      growth.samples.push_back({same->rows_before, step->seconds, step->wal_bytes});
      const auto rows = static_cast<double>(same->rows_before);
      times.push_back({rows, step->seconds});
      logs.push_back({rows, static_cast<double>(step->wal_bytes)});
    }
    if (growth.samples.size() < 2) continue;
    const GrowthFit time = fit_growth(times, time_noise);
    growth.exponent = time.exponent;
    growth.error = time.error;
    growth.fixed_share = time.fixed_share;
    growth.law = time.law;
    const GrowthFit log = fit_growth(logs, wal_noise);
    growth.wal_exponent = log.exponent;
    growth.wal_error = log.error;
    growth.wal_fixed_share = log.fixed_share;
    found.push_back(std::move(growth));
  }
  return found;
}

double grown(double ratio, double exponent, double fixed_share) {
  return fixed_share + (1 - fixed_share) * std::pow(ratio, exponent);
}

std::string growth_text(const Growth& growth) {
  constexpr double worth_a_word = 0.05;
  if (growth.law == "does not grow") return "does not grow with the rows at these sizes";
  std::string text = growth.law == "unsure" ? "grows, but how cannot be told from these sizes" : growth.law;
  text += fmt::format(": time ~ rows ^ {:.2f}", growth.exponent);
  if (growth.error > 0) text += fmt::format(" ± {:.2f}", growth.error);
  if (growth.fixed_share > worth_a_word)
    text +=
        fmt::format(", on top of fixed costs ({:.0f} % of it at the largest size)", 100 * growth.fixed_share);
  return text;
}

}  // namespace dbtool::window
