#include "window/work_shares.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace dbtool::window {

namespace {

struct WaitKind {
  std::string_view wait;  ///< beginning of its name
  Work work{};
};

constexpr std::array wait_kinds{
    WaitKind{"IO:DataFileRead", Work::scan_cold},
    WaitKind{"IO:DataFilePrefetch", Work::scan_cold},
    WaitKind{"IO:WALSync", Work::commit},
    WaitKind{"LWLock:WALWrite", Work::commit},
    WaitKind{"IO:WAL", Work::write},
    WaitKind{"LWLock:WAL", Work::write},
    WaitKind{"IO:DataFile", Work::write},
    WaitKind{"IO:SLRU", Work::write},
    WaitKind{"IO:BufFile", Work::index_build},
};

// So much WAL a second keeps a server as busy with writing it as with finding out what to write.
constexpr double heavy_wal = 50e6;

bool builds_index(const PhaseCost& phase) {
  const std::string name = to_lower(phase.name);
  return name.starts_with("create index") || name.starts_with("create unique index") ||
         name.starts_with("reindex") || name.find(" primary key") != std::string::npos ||
         name.find("building index") != std::string::npos;
}

// Nothing is known of that kind of work: a server is seldom slower or faster than that.
constexpr double unknown_low = 0.7;
constexpr double unknown_high = 2.5;

}  // namespace

std::map<Work, double> work_shares(const StepCost& cost) {
  std::map<Work, double> shares;
  double builds = 0;
  double builds_wal = 0;
  for (const PhaseCost& phase : cost.phases) {
    if (!builds_index(phase)) continue;
    builds += phase.seconds;
    builds_wal += static_cast<double>(phase.wal_bytes);
  }
  const double seconds = std::max(cost.seconds, 1e-3);
  const double build_share = std::clamp(builds / seconds, 0.0, 1.0);
  if (build_share > 0) shares[Work::index_build] = build_share;

  // Waits and computing are spread over the rest; index builds are taken as a whole.
  const double rest = 1 - build_share;
  double waiting = 0;
  for (const auto& [wait, share] : cost.waits) {
    const auto* const kind =
        std::find_if(wait_kinds.begin(), wait_kinds.end(),
                     [&wait = wait](const WaitKind& k) { return wait.starts_with(k.wait); });
    if (kind == wait_kinds.end()) continue;
    shares[kind->work] += share * rest;
    waiting += share;
  }
  const double computing = rest * std::clamp(1 - waiting, 0.0, 1.0);
  const double wal = std::max(0.0, static_cast<double>(cost.wal_bytes) - builds_wal) /
                     std::max(seconds - builds, seconds * 0.01);
  const double writing = 0.5 * std::clamp(wal / heavy_wal, 0.0, 1.0);
  shares[Work::write] += computing * writing;
  shares[Work::cpu] += computing * (1 - writing) * 0.6;
  shares[Work::scan_warm] += computing * (1 - writing) * 0.4;

  double all = 0;
  for (const auto& [work, share] : shares) all += share;
  for (auto& [work, share] : shares) share /= all;
  std::erase_if(shares, [](const auto& share) { return share.second <= 0; });
  return shares;
}

StepConversion convert(const StepCost& cost, const std::vector<Conversion>& conversions) {
  StepConversion whole{0, 0, 0, ""};
  double largest = 0;
  for (const auto& [work, share] : work_shares(cost)) {
    const auto known = std::find_if(conversions.begin(), conversions.end(),
                                    [&work = work](const Conversion& c) { return c.work == work; });
    if (known != conversions.end() && known->reason.empty()) {
      whole.low += share * known->low;
      whole.high += share * known->high;
      continue;
    }
    whole.low += share * unknown_low;
    whole.high += share * unknown_high;
    whole.unknown += share;
    if (share <= largest) continue;
    largest = share;
    whole.reason = known == conversions.end() ? "the two servers were not compared" : known->reason;
  }
  return whole;
}

}  // namespace dbtool::window
