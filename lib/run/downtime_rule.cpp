#include "run/downtime_rule.h"

#include <fmt/format.h>

#include <chrono>

#include "base/duration.h"
#include "online/throttle/hours.h"
#include "window/words.h"

namespace dbtool::run {

namespace {

/// What may need more of a window leaves too little for the way back, and for everything else.
constexpr double share_of_window = 0.5;

std::string online_advice(const Knowledge& knowledge, const Version& version, const std::string& reason) {
  const std::string table = table_of(knowledge, Direction::upgrade, version);
  return fmt::format("{}: move its rows online, while services go on: dbtool new --kind online{} TITLE",
                     reason, table.empty() ? "" : " --table " + table);
}

}  // namespace

std::string downtime_advice(const Knowledge& knowledge, const WindowSettings& settings, const Step& step,
                            std::optional<double> left) {
  const Version& version = version_of(step);
  if (direction_of(step) == Direction::downgrade || begins_online(version, Direction::upgrade)) return {};
  const window::Forecast forecast = predict(knowledge, Direction::upgrade, version);
  const bool quick = forecast.trust == window::Trust::weak && forecast.range.high <= 1;
  if (forecast.trust == window::Trust::unknown || quick) return {};
  const double high = forecast.range.high;
  const std::string takes = window::span_to_text(high);
  if (left && high > *left * share_of_window) {
    return online_advice(
        knowledge, version,
        fmt::format("it may take {}, {} the window's {}", takes,
                    high > *left ? "more than" : "more than half of", window::span_to_text(*left)));
  }
  if (!settings.short_downtime) return {};
  const double limit = std::chrono::duration<double>(*settings.short_downtime).count();
  if (high > limit) {
    return online_advice(
        knowledge, version,
        fmt::format("it may take {}, longer than a short downtime ({})", takes, window::span_to_text(limit)));
  }
  const bool rehearsed =
      knowledge.rehearsal && knowledge.rehearsal->step(Direction::upgrade, version.number) != nullptr;
  if (!settings.hours || !rehearsed) return {};
  HoursSettings lull = *settings.hours;
  if (lull.zone.empty()) lull.zone = settings.zone;
  return fmt::format("a short downtime in a lull ({}): it takes at most {}", online::describe(lull), takes);
}

}  // namespace dbtool::run
