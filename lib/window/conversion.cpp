#include "window/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dbtool::window {

namespace {

constexpr std::array every_work{Work::scan_warm,   Work::scan_cold, Work::write,
                                Work::index_build, Work::cpu,       Work::commit};

// Of fewer repetitions nobody can say how far they scatter.
constexpr std::size_t least_repetitions = 3;
// A kind of work whose middle half lies further apart is ruled by something else than the server.
constexpr double widest_scatter = 3;

/// Where the middle half of the repetitions lies.
struct MiddleHalf {
  double low = 0, high = 0;
};

MiddleHalf middle_half(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t cut = values.size() / 4;
  return {values[cut], values[values.size() - 1 - cut]};
}

/// The repetitions of one measure, or why nothing can be made of them.
std::string fault_of(const Measure& measure, const char* where) {
  if (measure.values.size() < least_repetitions)
    return fmt::format("too few repetitions {}: {}", where, measure.values.size());
  if (*std::min_element(measure.values.begin(), measure.values.end()) <= 0)
    return fmt::format("a repetition {} took no time", where);
  const MiddleHalf half = middle_half(measure.values);
  if (half.high > widest_scatter * half.low)
    return fmt::format("the repetitions {} are too scattered: {:.3g} to {:.3g} {}", where, half.low,
                       half.high, measure.unit);
  return {};
}

bool is_off(const Environment& environment, const char* setting) {
  const auto found = environment.settings.find(setting);
  return found != environment.settings.end() && found->second == "off";
}

/// Why a kind of work cannot be compared whatever was measured; empty: it can.
std::string obstacle(Work work, const Environment& there, const Environment& here) {
  if (there.measures.empty()) return "no benchmark was run there";
  if (here.measures.empty()) return "no benchmark was run here";
  const bool waits_for_disk = work == Work::commit || work == Work::write;
  if (waits_for_disk && is_off(there, "fsync") != is_off(here, "fsync"))
    return fmt::format("fsync is off {}", is_off(there, "fsync") ? "there" : "here");
  const int there_major = there.server_version / 10000;
  const int here_major = here.server_version / 10000;
  // A major changes some expressions and sorts and not others: one ratio does not stand for all.
  const bool executes = work == Work::cpu || work == Work::index_build;
  if (executes && there_major != here_major)
    return fmt::format("PostgreSQL {} there, {} here", there_major, here_major);
  return {};
}

std::vector<const Measure*> measures_of(Work work, const Environment& environment) {
  std::vector<const Measure*> found;
  for (const Measure& measure : environment.measures)
    if (measure.work == work) found.push_back(&measure);
  return found;
}

std::string missing(Work work, const char* where) {
  if (work == Work::scan_cold)
    return fmt::format("the database {} had no table that could be read from outside shared_buffers", where);
  return fmt::format("not measured {}", where);
}

Conversion conversion_of(Work work, const Environment& there, const Environment& here) {
  Conversion conversion{work, 1, 1, obstacle(work, there, here)};
  if (!conversion.reason.empty()) return conversion;
  const auto of_there = measures_of(work, there);
  const auto of_here = measures_of(work, here);
  if (of_there.empty() || of_here.empty()) {
    conversion.reason = missing(work, of_there.empty() ? "there" : "here");
    return conversion;
  }
  bool any = false;
  for (const Measure* from : of_there) {
    const auto to = std::find_if(of_here.begin(), of_here.end(),
                                 [&](const Measure* measure) { return measure->unit == from->unit; });
    if (to == of_here.end()) continue;
    conversion.reason = fault_of(*from, "there");
    if (conversion.reason.empty()) conversion.reason = fault_of(**to, "here");
    if (!conversion.reason.empty()) return conversion;
    const MiddleHalf before = middle_half(from->values);
    const MiddleHalf now = middle_half((*to)->values);
    const double low = now.low / before.high;
    const double high = now.high / before.low;
    conversion.low = any ? std::min(conversion.low, low) : low;
    conversion.high = any ? std::max(conversion.high, high) : high;
    any = true;
  }
  if (!any) conversion.reason = "measured in other units: save both anew with the same dbtool";
  return conversion;
}

}  // namespace

std::vector<Conversion> conversions(const Environment& there, const Environment& here) {
  std::vector<Conversion> found;
  for (const Work work : every_work) found.push_back(conversion_of(work, there, here));
  return found;
}

std::vector<Conversion> conversions_on_same_server() {
  // It does other things at another time, and a copy that was just made is in its caches.
  constexpr double faster = 1 / 1.15;
  constexpr double slower = 1.3;
  constexpr double slower_cold = 2;
  std::vector<Conversion> same;
  for (const Work work : every_work)
    same.push_back({work, faster, work == Work::scan_cold ? slower_cold : slower, ""});
  return same;
}

const char* to_text(Work work) {
  switch (work) {
    case Work::scan_warm:
      return "warm scan";
    case Work::scan_cold:
      return "cold scan";
    case Work::write:
      return "write";
    case Work::index_build:
      return "index build";
    case Work::cpu:
      return "CPU";
    case Work::commit:
      return "commit";
  }
  return "";
}

}  // namespace dbtool::window
