#include "run/probed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "window/words.h"
#include "window/work_shares.h"

namespace dbtool::run {

namespace {

bool is_usable(const ledger::ProbeRecord& probe, const Version& version) {
  const bool saw_nothing = probe.lacks == ledger::ProbeLacks::work && probe.rows == 0;
  return probe.checksum == version.checksum && !saw_nothing;
}

std::string probed_text(const ledger::ProbeRecord& probe) {
  std::string text = "probed here on " + probe.made_at.substr(0, 10);
  if (probe.rows > 0)
    text += fmt::format(", {} of {} rows", window::count_to_text(probe.rows),
                        window::count_to_text(probe.table_rows));
  return text;
}

}  // namespace

const ledger::ProbeRecord* probe_of(const Knowledge& knowledge, Direction direction, const Version& version,
                                    bool online) {
  for (const ledger::ProbeRecord& probe : knowledge.probes) {
    if (probe.version == version.number && probe.direction == direction && probe.online == online)
      return &probe;
  }
  return nullptr;
}

std::string unused_text(const ledger::ProbeRecord* probe, const Version& version) {
  if (probe == nullptr || is_usable(*probe, version)) return {};
  const std::string day = probe->made_at.substr(0, 10);
  if (probe->checksum != version.checksum)
    return fmt::format("; the probe of {} was of another script: once more with dbtool environment probe {}",
                       day, version.number);
  return fmt::format("; the probe of {} could run nothing that goes through rows", day);
}

window::Forecast by_probe(const Knowledge& knowledge, const ledger::ProbeRecord& probe, double longer,
                          const std::string& note) {
  const auto rows = knowledge.table_rows.find(probe.table);
  double times = 1;
  if (rows != knowledge.table_rows.end() && probe.table_rows > 0)
    times =
        static_cast<double>(std::max<std::int64_t>(1, rows->second)) / static_cast<double>(probe.table_rows);
  std::string source = probed_text(probe);
  if (std::abs(std::log(times)) > 0.05)
    source += fmt::format(", scaled to {}", window::count_to_text(rows->second));
  source += note;
  if (!probe.missing.empty()) source += "; not counted: " + probe.missing;
  window::Forecast forecast;
  forecast.trust = window::Trust::weak;
  forecast.range = {probe.low * times, probe.high * times * longer};
  forecast.likely = std::sqrt(std::max(forecast.range.low, 1e-3) * forecast.range.high);
  forecast.source = std::move(source);
  return forecast;
}

void convert_by_probe(const Knowledge& knowledge, Direction direction, const Version& version,
                      const StepCost& cost, window::Scale& scale) {
  const ledger::ProbeRecord* probe = probe_of(knowledge, direction, version, false);
  const TableCost* table = window::scaling_table(cost);
  if (probe == nullptr || table == nullptr || !is_usable(*probe, version) || probe->rows == 0 ||
      probe->lacks == ledger::ProbeLacks::work || probe->table != table->name || cost.seconds <= 0)
    return;
  double rehearsed = cost.seconds / static_cast<double>(table->rows_before);
  const auto shares = window::work_shares(cost);
  const bool without_builds = probe->lacks == ledger::ProbeLacks::builds;
  if (without_builds) {
    const auto builds = shares.find(Work::index_build);
    rehearsed *= 1 - (builds == shares.end() ? 0 : builds->second);
  }
  if (rehearsed <= 0) return;
  const double all = rehearsed * static_cast<double>(probe->table_rows);
  for (const Work work :
       {Work::scan_warm, Work::scan_cold, Work::write, Work::index_build, Work::cpu, Work::commit}) {
    if (without_builds && work == Work::index_build) continue;
    std::erase_if(scale.conversions, [&](const window::Conversion& one) { return one.work == work; });
    scale.conversions.push_back({work, probe->low / all, probe->high / all, ""});
  }
  scale.probed = probed_text(*probe);
}

}  // namespace dbtool::run
