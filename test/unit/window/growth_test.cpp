#include "window/growth.h"

#include <cmath>
#include <functional>

#include "test/support/catch.h"
#include "test/unit/window/simulation.h"
#include "window/forecast.h"
#include "window/scaling.h"

using namespace dbtool;
using namespace dbtool::window;

namespace {

constexpr GrowthNoise measured_noise{0.07, 0.02};

GrowthFit fit_cost(const std::vector<double>& rows, const std::function<double(double)>& cost) {
  std::vector<GrowthPoint> points;
  for (const double one : rows) points.push_back({one, cost(one)});
  return fit_growth(points, measured_noise);
}

const std::vector<double> two_sizes{100'000, 1'000'000};
const std::vector<double> three_sizes{10'000, 100'000, 1'000'000};

double linear_cost(double rows) {
  return rows * 1e-4;
}
double quadratic_cost(double rows) {
  return rows * rows * 1e-9;
}
double fixed_and_linear(double rows) {
  return 5 + rows * 2e-5;
}

/// A number between -1 and 1 that is the same on every machine.
double stray_by(unsigned at) {
  const double value = std::sin(at * 12.9898) * 43758.5453;
  return 2 * (value - std::floor(value)) - 1;
}

Rehearsal rehearsed_with(std::int64_t rows, double seconds, std::int64_t wal_bytes) {
  StepCost cost;
  cost.direction = Direction::upgrade;
  cost.version = 20;
  cost.seconds = seconds;
  cost.wal_bytes = wal_bytes;
  cost.curve = {{seconds, wal_bytes}};
  TableCost table;
  table.name = "tasks";
  table.rows_before = rows;
  table.bytes_before = 600 * rows;
  cost.tables = {table};
  Rehearsal rehearsal;
  rehearsal.made_at = "2026-11-20 10:00:00Z";
  rehearsal.source = "generated";
  rehearsal.steps = {cost};
  return rehearsal;
}

}  // namespace

TEST_CASE("linear growth is seen at two sizes and at three", "[window]") {
  for (const auto& rows : {two_sizes, three_sizes}) {
    const GrowthFit found = fit_cost(rows, linear_cost);
    CHECK(found.law == "linear");
    CHECK(found.exponent == Approx(1).margin(0.03));
    CHECK(found.error < 0.2);
    CHECK(found.fixed_share < 0.05);
  }
}

TEST_CASE("quadratic growth is worse than n log n", "[window]") {
  for (const auto& rows : {two_sizes, three_sizes}) {
    const GrowthFit found = fit_cost(rows, quadratic_cost);
    CHECK(found.law == "worse than n log n");
    CHECK(found.exponent == Approx(2).margin(0.1));
  }
}

TEST_CASE("n log n is told from linear where the sizes are far enough apart", "[window]") {
  const auto n_log_n = [](double rows) { return rows * std::log(rows) * 1e-5; };
  const std::vector<double> wide{100, 10'000, 1'000'000, 10'000'000};
  std::vector<GrowthPoint> points;
  points.reserve(wide.size());
  for (const double rows : wide) points.push_back({rows, n_log_n(rows)});
  CHECK(fit_growth(points, {0.02, 0}).law == "n log n");
  // Nobody can at two sizes that are measured so badly.
  CHECK(fit_cost(two_sizes, n_log_n).law == "linear");
}

TEST_CASE("fixed costs are not taken for growth that is slower than linear", "[window]") {
  for (const auto& rows : {two_sizes, three_sizes}) {
    const GrowthFit found = fit_cost(rows, fixed_and_linear);
    CHECK(found.law == "linear");
    CHECK(found.fixed_share == Approx(0.2).margin(0.06));
    // Ten times the rows: 205 s, where the slope between the points alone would say 102 s.
    CHECK(25 * grown(10, found.exponent, found.fixed_share) == Approx(205).epsilon(0.15));
  }
}

TEST_CASE("growth that is less than linear is seen at three sizes", "[window]") {
  const GrowthFit found = fit_cost(three_sizes, [](double rows) { return std::sqrt(rows) * 0.1; });
  CHECK(found.law == "less than linear");
  CHECK(found.exponent == Approx(0.5).margin(0.15));
}

TEST_CASE("a cost that is there whatever the rows does not grow", "[window]") {
  CHECK(fit_cost(three_sizes, [](double) { return 3.0; }).law == "does not grow");
  CHECK(grown(1000, 1, 1) == 1);
}

TEST_CASE("what is too quick to be measured lets nothing be said", "[window]") {
  CHECK(fit_cost(two_sizes, [](double rows) { return 0.001 + rows * 1e-9; }).error > 0.3);
  for (const auto& points :
       {std::vector<GrowthPoint>{}, std::vector<GrowthPoint>{{100, 1}},
        std::vector<GrowthPoint>{{100, 1}, {100, 2}}, std::vector<GrowthPoint>{{0, 1}, {100, 2}}}) {
    const GrowthFit found = fit_growth(points, measured_noise);
    CHECK(found.law == "unsure");
    CHECK(found.exponent == 1);
  }
}

TEST_CASE("the true exponent is inside two standard deviations of a noisy fit", "[window]") {
  for (const double exponent : {0.7, 1.0, 1.3, 2.0}) {
    int inside = 0;
    constexpr int runs = 200;
    unsigned seed = 0;
    for (int run = 0; run < runs; ++run) {
      const GrowthFit found = fit_cost(three_sizes, [&](double rows) {
        return std::pow(rows, exponent) * 1e-3 * std::exp(0.12 * stray_by(++seed));
      });
      inside += std::abs(found.exponent - exponent) <= 2 * found.error + 0.01 ? 1 : 0;
    }
    INFO("exponent " << exponent);
    CHECK(inside >= runs * 9 / 10);
  }
}

TEST_CASE("steps are fitted by the rows of the table that they are scaled by", "[window]") {
  const std::vector<Rehearsal> sizes{rehearsed_with(10'000, 1, 6'000'000),
                                     rehearsed_with(100'000, 10, 60'000'000),
                                     rehearsed_with(1'000'000, 100, 600'000'000)};
  const std::vector<Growth> found = growth_of(sizes);
  REQUIRE(found.size() == 1);
  CHECK(found[0].version == 20);
  CHECK(found[0].law == "linear");
  CHECK(found[0].wal_exponent == Approx(1).margin(0.03));
  REQUIRE(found[0].samples.size() == 3);
  CHECK(found[0].samples[1].rows == 100'000);
  CHECK(growth_text(found[0]).starts_with("linear: time ~ rows ^ 1.0"));
  CHECK(growth_of({sizes[2]}).empty());
  CHECK(growth_of({Rehearsal{}, sizes[2]}).empty());
}

TEST_CASE("the script of a version and its online part each have a growth of their own", "[window]") {
  std::vector<Rehearsal> sizes;
  for (const std::int64_t rows : {10'000, 100'000, 1'000'000}) {
    sizes.push_back(rehearsed_with(rows, 3, 1'000'000));
    StepCost online = rehearsed_with(rows, static_cast<double>(rows) * 1e-4, 600 * rows).steps[0];
    sizes.back().steps[0].kind = "script";
    online.kind = "online";
    sizes.back().steps.push_back(online);
  }
  Rehearsal& largest = sizes.back();
  largest.growth = growth_of(sizes);
  REQUIRE(largest.growth.size() == 2);
  CHECK(largest.growth[0].law == "does not grow");
  CHECK(largest.growth[1].law == "linear");
  CHECK(largest.growth[1].kind == "online");
  const StepCost script = *largest.step(Direction::upgrade, 20);
  CHECK(largest.growth_of(script)->kind == "script");
  largest.growth.erase(largest.growth.begin());
  CHECK(largest.growth_of(script) == nullptr);
}

TEST_CASE("a forecast follows the growth, and is less sure the farther it goes", "[window]") {
  Rehearsal rehearsal = rehearsed_with(1'000'000, 100, 600'000'000);
  rehearsal.growth = growth_of(
      {rehearsed_with(100'000, 10, 60'000'000), rehearsed_with(300'000, 30, 180'000'000), rehearsal});
  const auto forecast = [&](std::int64_t rows) {
    Scale scale;
    scale.rows = rows;
    scale.conversions = {{Work::write, 1, 1, ""}, {Work::cpu, 1, 1, ""}};
    return forecast_before(&rehearsal, Direction::upgrade, 20, scale);
  };
  double before = 0;
  for (const std::int64_t times : {1, 3, 10, 40}) {
    const Forecast found = forecast(times * 1'000'000);
    CHECK(found.likely == Approx(100.0 * static_cast<double>(times)).epsilon(0.25));
    const double width = found.range.high / found.range.low;
    CHECK(width > before);
    before = width;
  }
  const std::string said = forecast(10'000'000).source;
  INFO(said);
  CHECK(said.find("with 1.0 M generated rows, scaled to 10.0 M (linear, rows ^ 1.0") != std::string::npos);
  CHECK(forecast(100'000'000).trust == Trust::weak);
}

TEST_CASE("what did not grow over its samples is not thought to explode", "[window]") {
  Rehearsal rehearsal = rehearsed_with(1'000, 0.2, 6'000);
  rehearsal.growth = growth_of({rehearsed_with(100, 0.2, 6'000), rehearsed_with(300, 0.2, 6'000), rehearsal});
  REQUIRE(rehearsal.growth.size() == 1);
  CHECK(rehearsal.growth[0].law == "does not grow");
  Scale scale;
  scale.conversions = {{Work::write, 1, 1, ""}, {Work::cpu, 1, 1, ""}};
  for (const std::int64_t times : {10, 100, 10'000, 1'000'000}) {
    scale.rows = times * 1'000;
    const Forecast found = forecast_before(&rehearsal, Direction::upgrade, 20, scale);
    CAPTURE(times);
    CHECK(found.likely == Approx(0.2).epsilon(0.2));
    // A twentieth of it may have grown unseen.
    CHECK(found.range.high < 0.2 * std::pow(1 + 0.05 * static_cast<double>(times), 2.5));
  }
}

TEST_CASE("time and log each follow their own growth", "[window]") {
  const Rehearsal rehearsal = rehearsed_with(1'000'000, 100, 600'000'000);
  Scale scale;
  scale.rows = 4'000'000;
  CHECK(scaling_of(rehearsal.steps[0], scale).time == Approx(4));
  scale.growth = {Direction::upgrade, 20, 2, "worse than n log n", 0, 0, 1, 0, 0.5};
  const Scaling scaling = scaling_of(rehearsal.steps[0], scale);
  CHECK(scaling.ratio == Approx(4));
  CHECK(scaling.time == Approx(16));
  CHECK(scaling.wal == Approx(2.5));
  scale.growth->error = 0.6;
  CHECK(scaling_of(rehearsal.steps[0], scale).doubt.find("not clear from the samples") != std::string::npos);
}
