#include "window/disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "window/scaling.h"
#include "window/words.h"

namespace dbtool::window {

namespace {

constexpr double nine_in_ten = 1.645;  // standard deviations to each side
/// Pages that are logged whole after a checkpoint are as many as there are checkpoints and scattered rows.
constexpr double more_log = 1.5;
/// max_wal_size is what the server aims at; while it writes a checkpoint there is more.
constexpr double over_the_aim = 1.5;

/// What ranges have in common with what they are made of: what becomes free is least at the low end.
Bytes spread(double bytes, double half) {
  const double factor = std::exp(half);
  return bytes >= 0 ? Bytes{bytes / factor, bytes * factor} : Bytes{bytes * factor, bytes / factor};
}

struct DiskGrowth {
  double peak = 0;
  double stays = 0;
};

DiskGrowth growth_of(const TableCost& table) {
  const auto heap = static_cast<double>(table.bytes_after - table.bytes_before);
  const auto indexes = static_cast<double>(table.index_bytes_after - table.index_bytes_before);
  DiskGrowth growth;
  growth.stays = heap + indexes;
  // The old files go when the transaction ends. What shrinks does so at the end, too.
  growth.peak = table.rewritten ? static_cast<double>(table.bytes_after + table.index_bytes_after)
                                : std::max(0.0, heap) + std::max(0.0, indexes);
  return growth;
}

/// How much larger pg_wal becomes at least, when a step has written `step` and all since the first `all`.
double least_log(const LogKeeping& log, const StepRoom& room, double all) {
  const auto keeps = static_cast<double>(log.keeps);
  // Files that are there to be written again. Where they may not be seen, as many as there can be.
  const double reused = log.present ? std::min(static_cast<double>(*log.present), keeps) : keeps;
  // What nobody holds a checkpoint may let go of at any moment.
  double slots = 0;
  if (log.slots_hold) slots = all;
  if (log.decodes && room.one_transaction) slots = std::max(slots, room.wal.low);
  if (log.slot_limit) slots = std::min(slots, static_cast<double>(*log.slot_limit));
  return std::max(0.0, (log.archive_holds ? all : slots) - reused);
}

double most_log(const LogKeeping& log, const StepRoom& room, double all) {
  const double idle = std::min(all, over_the_aim * static_cast<double>(log.keeps));
  double slots = 0;
  if (log.slots_hold || log.may_hold) slots = all;
  if (log.decodes && room.one_transaction) slots = std::max(slots, std::min(all, room.wal.high + idle));
  if (log.slot_limit) slots = std::min(slots, static_cast<double>(*log.slot_limit) + idle);
  return log.archive_holds ? all : std::min(all, std::max(idle, slots));
}

}  // namespace

StepRoom room_for(const StepCost& cost, const Scale& scale) {
  // That disk space grows with the rows needs no fit.
  Scale by_rows = scale;
  by_rows.growth.reset();
  const Scaling scaling = scaling_of(cost, by_rows);
  const double half = nine_in_ten * scaling.spread;
  DiskGrowth growth;
  for (const TableCost& table : cost.tables) {
    const DiskGrowth one = growth_of(table);
    growth.peak += one.peak;
    growth.stays += one.stays;
  }
  StepRoom room;
  room.version = cost.version;
  room.trust = scaling.doubt.empty() ? Trust::measured : Trust::weak;
  room.one_transaction = cost.kind == "script";
  // Files that a step has made and left again are no table's when it is done, and are there until then.
  if (cost.peak_bytes) growth.peak = std::max(growth.peak, static_cast<double>(*cost.peak_bytes));
  room.data = spread(growth.peak * scaling.ratio, half);
  room.stays = spread(growth.stays * scaling.ratio, half);
  // The server counts all files of a step; the first may be gone when the last is written.
  room.temporary.high = spread(static_cast<double>(cost.temporary_bytes) * scaling.ratio, half).high;
  room.wal = spread(static_cast<double>(cost.wal_bytes) * scaling.ratio, half);
  room.wal.high *= more_log;
  room.source = scaling.rows_rehearsed > 0
                    ? fmt::format("rehearsed with {} rows", count_to_text(scaling.rows_rehearsed))
                    : "rehearsed";
  if (scaling.rows_rehearsed > 0 && scale.rows && std::abs(std::log(scaling.ratio)) > 0.05)
    room.source += fmt::format(", scaled to {}", count_to_text(*scale.rows));
  if (!scaling.doubt.empty()) room.source += "; " + scaling.doubt;
  return room;
}

Peak peak_of(const std::vector<StepRoom>& steps, const LogKeeping& log) {
  Peak peak;
  Bytes stays;
  Bytes wal;
  for (const StepRoom& step : steps) {
    wal.low += step.wal.low;
    peak.bytes.low = std::max(peak.bytes.low,
                              stays.low + step.data.low + step.temporary.low + least_log(log, step, wal.low));
    stays.low += step.stays.low;
    peak.trust = std::min(peak.trust, step.trust);
    if (peak.trust == Trust::measured) peak.sure = peak.bytes.low;
    if (step.trust == Trust::unknown) {
      if (std::find(peak.unknown.begin(), peak.unknown.end(), step.version) == peak.unknown.end())
        peak.unknown.push_back(step.version);
      continue;
    }
    wal.high += step.wal.high;
    peak.bytes.high = std::max(
        peak.bytes.high, stays.high + step.data.high + step.temporary.high + most_log(log, step, wal.high));
    stays.high += step.stays.high;
  }
  peak.bytes.high = std::max(peak.bytes.high, peak.bytes.low);
  return peak;
}

Sufficiency judge_room(const Peak& peak, double free_bytes) {
  if (peak.sure > 0 && peak.sure > free_bytes) return Sufficiency::too_little;
  return peak.bytes.high > 0 && peak.bytes.high > free_bytes ? Sufficiency::doubtful : Sufficiency::enough;
}

}  // namespace dbtool::window
