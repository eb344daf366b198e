#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "window/forecast.h"
#include "window/scaling.h"
#include "window/words.h"
#include "window/work_shares.h"

namespace dbtool::window {

namespace {

// A rehearsal on so much fewer rows lets nothing be said: other plans, other caches, other depths of indexes.
constexpr double too_small = 20;
constexpr double too_small_fitted = 60;   // where its growth was measured
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

Scaling scaling_of(const StepCost& cost, const Scale& scale, bool fitted) {
  Scaling scaling;
  const TableCost* table = scaling_table(cost);
  if (table == nullptr) return scaling;
  scaling.rows_rehearsed = table->rows_before;
  if (!scale.rows || *scale.rows < 0) {
    scaling.spread = 0.35;
    scaling.doubt = "how many rows there are here is not known";
    return scaling;
  }
  // A table that is empty here costs as little as one of a row.
  scaling.ratio =
      static_cast<double>(std::max<std::int64_t>(*scale.rows, 1)) / static_cast<double>(table->rows_before);
  scaling.spread = 0.06 + (fitted ? 0.02 : 0.06) * std::abs(std::log(scaling.ratio));
  if (scaling.ratio > (fitted ? too_small_fitted : too_small)) {
    scaling.doubt = fmt::format("from {} rows, {:.0f} times smaller: not to be trusted",
                                count_to_text(table->rows_before), scaling.ratio);
  }
  return scaling;
}

namespace {

Forecast never_rehearsed() {
  Forecast forecast;
  forecast.source = "unknown: never rehearsed; do so with dbtool rehearse --on COPY";
  return forecast;
}

/// `growth`: how the cost grows, as it was fitted; nullptr: it was not.
Forecast forecast_of(const Rehearsal& rehearsal, const StepCost& cost, const Growth* growth,
                     const Scale& scale) {
  Forecast forecast;
  const bool fitted = growth != nullptr;
  const Scaling scaling = scaling_of(cost, scale, fitted);
  const StepConversion conversion = convert(cost, scale.conversions);

  const double middle = std::sqrt(conversion.low * conversion.high);
  const double here = cost.seconds * std::pow(scaling.ratio, fitted ? growth->exponent : 1) * middle;
  const double servers = std::log(conversion.high / conversion.low) / 2;
  const double size = in_nine_of_ten * scaling.spread;
  const double half = std::sqrt(servers * servers + size * size);
  forecast.likely = here;
  forecast.range = {here * std::exp(-half), here * std::exp(half)};

  forecast.source = source_text(rehearsal, scaling);
  if (scaling.rows_rehearsed > 0 && scale.rows && std::abs(std::log(scaling.ratio)) > 0.05) {
    forecast.source += fmt::format(", scaled to {}", count_to_text(*scale.rows));
  }
  constexpr double most_unknown = 0.5;
  if (conversion.unknown <= most_unknown) {
    forecast.source += ", converted by " + factor_text(conversion.low, conversion.high);
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
  const auto growth = std::find_if(rehearsal->growth.begin(), rehearsal->growth.end(), [&](const Growth& g) {
    return g.direction == direction && g.version == version;
  });
  return forecast_of(*rehearsal, *cost, growth == rehearsal->growth.end() ? nullptr : &*growth, scale);
}

Forecast forecast_online(const Rehearsal* rehearsal, Direction direction, int version, const Scale& scale) {
  const StepCost* cost = rehearsal == nullptr ? nullptr : rehearsal->online_part(direction, version);
  return cost == nullptr ? never_rehearsed() : forecast_of(*rehearsal, *cost, nullptr, scale);
}

}  // namespace dbtool::window
