#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "window/forecast.h"
#include "window/growth.h"
#include "window/scaling.h"
#include "window/words.h"
#include "window/work_shares.h"

namespace dbtool::window {

namespace {

// A rehearsal on so much fewer rows lets nothing be said: other plans, other caches, other depths of indexes.
constexpr double too_small = 20;
constexpr double too_small_fitted = 60;   // where its growth was measured
constexpr double too_unsure = 0.6;        // standard deviation of the logarithm
constexpr double in_nine_of_ten = 1.645;  // standard deviations to each side

std::string source_text(const Rehearsal& rehearsal, const Scaling& scaling) {
  const std::string rows = count_to_text(scaling.rows_rehearsed) + " rows";
  std::string text = "rehearsed on " + rehearsal.made_at.substr(0, 10);
  if (rehearsal.source == "generated") {
    text += scaling.rows_rehearsed > 0 ? " with " + count_to_text(scaling.rows_rehearsed) + " generated rows"
                                       : " with generated rows";
  } else {
    text += " on a " + (rehearsal.source == "clone" ? std::string("clone") : std::string("copy"));
    if (scaling.rows_rehearsed > 0) text += " of " + rows;
  }
  return text;
}

/// How far a cost strays, in its logarithm, by what the fit of its growth left open.
double growth_doubt(double ratio, double exponent, double error, double fixed_share) {
  constexpr double share_error = 0.05;  // of the part that does not grow
  const double growing = std::pow(ratio, exponent);
  const double whole = grown(ratio, exponent, fixed_share);
  const double less_fixed = grown(ratio, exponent, std::max(0.0, fixed_share - share_error));
  return std::hypot((1 - fixed_share) * growing / whole * std::log(ratio) * error,
                    std::log(less_fixed / whole));
}

std::string factor_text(double low, double high) {
  const std::string from = fmt::format("{:.1f}", low);
  const std::string to = fmt::format("{:.1f}", high);
  return from == to ? from : from + "–" + to;
}

}  // namespace

const TableCost* scaling_table(const StepCost& cost) {
  const TableCost* largest = nullptr;
  for (const TableCost& table : cost.tables) {
    if (table.rows_before <= 0) continue;
    if (largest == nullptr || table.bytes_before > largest->bytes_before) largest = &table;
  }
  return largest;
}

Scaling scaling_of(const StepCost& cost, const Scale& scale) {
  Scaling scaling;
  const TableCost* table = scaling_table(cost);
  if (table == nullptr) return scaling;
  const Growth* growth = scale.growth ? &*scale.growth : nullptr;
  scaling.rows_rehearsed = table->rows_before;
  if (!scale.rows || *scale.rows < 0) {
    scaling.spread = 0.35;
    scaling.doubt = "how many rows there are here is not known";
    return scaling;
  }
  // A table that is empty here costs as little as one of a row.
  scaling.ratio =
      static_cast<double>(std::max<std::int64_t>(*scale.rows, 1)) / static_cast<double>(table->rows_before);
  scaling.time = scaling.wal = scaling.ratio;
  const double distance = std::abs(std::log(scaling.ratio));
  scaling.spread = 0.06 + (growth != nullptr ? 0.02 : 0.06) * distance;
  if (growth != nullptr) {
    scaling.time = grown(scaling.ratio, growth->exponent, growth->fixed_share);
    scaling.wal = grown(scaling.ratio, growth->wal_exponent, growth->wal_fixed_share);
    scaling.spread = std::hypot(
        scaling.spread, growth_doubt(scaling.ratio, growth->exponent, growth->error, growth->fixed_share));
    scaling.wal_spread =
        growth_doubt(scaling.ratio, growth->wal_exponent, growth->wal_error, growth->wal_fixed_share);
  }
  if (scaling.ratio > (growth != nullptr ? too_small_fitted : too_small)) {
    scaling.doubt = fmt::format("from {} rows, {:.0f} times smaller: not to be trusted",
                                count_to_text(table->rows_before), scaling.ratio);
  } else if (growth != nullptr && scaling.spread > too_unsure) {
    scaling.doubt =
        fmt::format("from {} rows, {:.1f} times {}, and how the cost grows was not clear from the samples",
                    count_to_text(table->rows_before), std::max(scaling.ratio, 1 / scaling.ratio),
                    scaling.ratio > 1 ? "smaller" : "larger");
  }
  return scaling;
}

namespace {

Forecast never_rehearsed() {
  Forecast forecast;
  forecast.source = "unknown: never rehearsed; do so with dbtool rehearse --on COPY";
  return forecast;
}

Forecast forecast_of(const Rehearsal& rehearsal, const StepCost& cost, const Scale& scale) {
  Forecast forecast;
  Scale own = scale;
  if (const Growth* growth = rehearsal.growth_of(cost)) own.growth = *growth;
  const Scaling scaling = scaling_of(cost, own);
  const StepConversion conversion = convert(cost, scale.conversions);

  const double middle = std::sqrt(conversion.low * conversion.high);
  const double here = cost.seconds * scaling.time * middle;
  const double servers = std::log(conversion.high / conversion.low) / 2;
  const double size = in_nine_of_ten * scaling.spread;
  const double half = std::sqrt(servers * servers + size * size);
  forecast.likely = here;
  forecast.range = {here * std::exp(-half), here * std::exp(half)};

  forecast.source = source_text(rehearsal, scaling);
  if (scaling.rows_rehearsed > 0 && scale.rows && std::abs(std::log(scaling.ratio)) > 0.05) {
    forecast.source += fmt::format(", scaled to {}", count_to_text(*scale.rows));
    if (own.growth && own.growth->law != "unsure")
      forecast.source += fmt::format(
          " ({}{})", own.growth->law,
          own.growth->law == "does not grow" ? "" : fmt::format(", rows ^ {:.2f}", own.growth->exponent));
  }
  constexpr double most_unknown = 0.5;
  if (conversion.unknown <= most_unknown) {
    forecast.source += ", converted by " + factor_text(conversion.low, conversion.high);
    if (!scale.probed.empty()) forecast.source += ": " + scale.probed;
    if (conversion.unknown > 0) forecast.source += fmt::format(" ({})", conversion.reason);
  } else {
    forecast.source += ", not converted: " + conversion.reason;
  }
  forecast.trust = conversion.unknown > most_unknown ? Trust::weak : Trust::measured;
  if (!scaling.doubt.empty()) {
    forecast.trust = Trust::weak;
    forecast.source =
        scaling.rows_rehearsed > 0 && scale.rows ? scaling.doubt : forecast.source + "; " + scaling.doubt;
  }
  return forecast;
}

}  // namespace

Forecast forecast_before(const Rehearsal* rehearsal, Direction direction, int version, const Scale& scale) {
  const StepCost* cost = rehearsal == nullptr ? nullptr : rehearsal->step(direction, version);
  if (cost == nullptr) return never_rehearsed();
  return forecast_of(*rehearsal, *cost, scale);
}

Forecast forecast_online(const Rehearsal* rehearsal, Direction direction, int version, const Scale& scale) {
  const StepCost* cost = rehearsal == nullptr ? nullptr : rehearsal->online_part(direction, version);
  return cost == nullptr ? never_rehearsed() : forecast_of(*rehearsal, *cost, scale);
}

}  // namespace dbtool::window
