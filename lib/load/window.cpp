#include "load/window.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "load/moment.h"
#include "load/scalar.h"
#include "load/throttle_values.h"

namespace dbtool::load {

namespace {

const std::vector<std::string> window_keys{"backupAge", "hours",    "freezes",
                                           "zone",      "replicas", "shortDowntime"};
constexpr const char* freeze_advice = "write [{from: 2026-12-20, to: 2027-01-04, reason: …}]";
constexpr const char* moment_advice = "write a day as 2026-12-20, or a time as \"2026-12-20 18:00\"";

/// What is said of windows is of minutes and hours: a bare number, which would be of milliseconds elsewhere,
/// is meant as neither.
std::optional<std::chrono::milliseconds> length_with_unit(std::string_view text) {
  const bool has_unit = text.find_first_not_of("0123456789.+-e ") != std::string_view::npos;
  return has_unit ? positive_duration(text) : std::nullopt;
}

/// Reads what a team demands of its windows, key by key.
class WindowReader {
 public:
  WindowReader(const Reader& reader, const SettingsTexts& texts) : reader_(reader), values_(reader, texts) {}

  WindowSettings read(const Node& root) const;

 private:
  void read_backup_age(const Entry& entry, WindowSettings& settings) const;
  void read_replicas(const Entry& entry, WindowSettings& settings) const;
  void read_freezes(const Entry& entry, WindowSettings& settings) const;
  std::optional<Freeze> read_freeze(const Node& item) const;
  std::optional<Moment> read_moment(const Node& item, const char* key) const;

  const Reader& reader_;
  ThrottleValues values_;
};

void WindowReader::read_backup_age(const Entry& entry, WindowSettings& settings) const {
  if (!reader_.is_mapping(entry, "write {query: select …, limit: 26h}")) return;
  reader_.check_keys(entry.value, {"query", "limit"}, "`backupAge`");
  BackupSettings backup;
  backup.query = values_.query(entry.value, "`backupAge`");
  values_.must(entry, "limit", backup.limit, length_with_unit, "write a time with its unit, as 26h");
  settings.backup_age = std::move(backup);
}

void WindowReader::read_replicas(const Entry& entry, WindowSettings& settings) const {
  settings.tells_replicas = !ThrottleValues::is_off(entry);
  if (!settings.tells_replicas ||
      !reader_.is_mapping(entry, "write {lag: 200MB}, or {lag: 200MB, except: [delayed]}, or off"))
    return;
  reader_.check_keys(entry.value, {"lag", "except"}, "`replicas`");
  LagSettings replicas;
  values_.must(entry, "lag", replicas.limit, positive_size, size_advice);
  replicas.except = values_.names(entry.value, "except");
  settings.replicas = std::move(replicas);
}

std::optional<Moment> WindowReader::read_moment(const Node& item, const char* key) const {
  const Entry* entry = item.find(key);
  if (entry == nullptr) {
    reader_.complain(item, fmt::format("`{}` of a freeze is missing; {}", key, moment_advice));
    return std::nullopt;
  }
  return values_.value(*entry, parse_moment, moment_advice);
}

std::optional<Freeze> WindowReader::read_freeze(const Node& item) const {
  reader_.check_keys(item, {"from", "to", "reason"}, "a freeze");
  const auto from = read_moment(item, "from");
  const auto to = read_moment(item, "to");
  Freeze freeze;
  if (const Entry* reason = item.find("reason")) freeze.reason = values_.text(*reason).value_or("");
  if (!from || !to) return std::nullopt;
  freeze.from = from->shown;
  // The last day belongs to it.
  freeze.to = to->shown + (to->is_day ? std::chrono::days(1) : std::chrono::days(0));
  if (freeze.to > freeze.from) return freeze;
  reader_.complain(item, "a freeze ends before it begins; exchange `from` and `to`");
  return std::nullopt;
}

void WindowReader::read_freezes(const Entry& entry, WindowSettings& settings) const {
  if (!reader_.is_list(entry, freeze_advice)) return;
  for (const Node& item : entry.value.items) {
    if (item.kind != Node::Kind::mapping) {
      reader_.complain(item,
                       fmt::format("a freeze must be a mapping, not {}; {}", describe(item), freeze_advice));
    } else if (auto freeze = read_freeze(item)) {
      settings.freezes.push_back(std::move(*freeze));
    }
  }
}

WindowSettings WindowReader::read(const Node& root) const {
  WindowSettings settings;
  reader_.check_keys(root, window_keys, "`window`");
  if (const Entry* entry = root.find("backupAge")) read_backup_age(*entry, settings);
  if (const Entry* entry = root.find("hours")) settings.hours = values_.hours(*entry);
  if (const Entry* entry = root.find("freezes")) read_freezes(*entry, settings);
  if (const Entry* entry = root.find("zone")) settings.zone = values_.text(*entry).value_or("");
  if (const Entry* entry = root.find("replicas")) read_replicas(*entry, settings);
  if (const Entry* entry = root.find("shortDowntime"))
    settings.short_downtime = values_.value(*entry, length_with_unit, "write a time with its unit, as 10min");
  return settings;
}

}  // namespace

WindowSettings read_window(const Reader& reader, const Entry& entry, const SettingsTexts& texts) {
  if (entry.value.kind == Node::Kind::null) return {};  // every key is commented out
  if (!reader.is_mapping(entry, "write its keys as `hours: \"22:00-06:00\"`")) return {};
  return WindowReader(reader, texts).read(entry.value);
}

}  // namespace dbtool::load
