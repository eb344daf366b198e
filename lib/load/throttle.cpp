#include "load/throttle.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "load/scalar.h"
#include "load/throttle_values.h"

namespace dbtool::load {

namespace {

using namespace std::chrono_literals;

const std::vector<std::string> throttle_keys{
    "probe",   "latency", "active",      "waiting",   "blocked", "wal",   "checkpoint", "lag",    "slots",
    "archive", "vacuum",  "transaction", "cancelled", "disk",    "hours", "queries",    "absence"};

constexpr auto query_interval = 5s;
constexpr auto disk_interval = 10s;

/// Reads the signals one by one.
class ThrottleReader {
 public:
  ThrottleReader(const Reader& reader, const SettingsTexts& texts)
      : reader_(reader), values_(reader, texts) {}

  ThrottleSettings read(const Node& root) const;

 private:
  void read_probe(const Entry& entry, ThrottleSettings& settings) const;
  void read_latency(const Entry& entry, ThrottleSettings& settings) const;
  void read_lag(const Entry& entry, ThrottleSettings& settings) const;
  void read_cancelled(const Entry& entry, ThrottleSettings& settings) const;
  void read_disk(const Entry& entry, ThrottleSettings& settings) const;
  void read_hours(const Entry& entry, ThrottleSettings& settings) const;
  void read_queries(const Entry& entry, ThrottleSettings& settings) const;
  NumberSettings read_number(const Node& item) const;

  const Reader& reader_;
  ThrottleValues values_;
};

void ThrottleReader::read_probe(const Entry& entry, ThrottleSettings& settings) const {
  if (!reader_.is_mapping(entry, "write {query: select …, limit: 20ms}")) return;
  reader_.check_keys(entry.value, {"query", "limit"}, "`probe`");
  ProbeSettings probe;
  probe.query = values_.query(entry.value, "`probe`");
  values_.must(entry, "limit", probe.limit, positive_duration, duration_advice);
  settings.probe = std::move(probe);
}

void ThrottleReader::read_latency(const Entry& entry, ThrottleSettings& settings) const {
  if (entry.value.kind != Node::Kind::mapping) {
    if (const auto limit =
            values_.value(entry, positive_duration, "write a time as 10ms, or {limit: 10ms, users: […]}"))
      settings.latency = LatencySettings{*limit, {}};
    return;
  }
  reader_.check_keys(entry.value, {"limit", "users"}, "`latency`");
  LatencySettings latency;
  values_.must(entry, "limit", latency.limit, positive_duration, duration_advice);
  latency.users = values_.names(entry.value, "users");
  settings.latency = std::move(latency);
}

void ThrottleReader::read_lag(const Entry& entry, ThrottleSettings& settings) const {
  if (entry.value.kind != Node::Kind::mapping) {
    if (const auto limit = values_.value(entry, positive_size,
                                         "write a size as 200MB, or {limit: 200MB, except: […]}, or off"))
      settings.lag = LagSettings{*limit, {}};
    return;
  }
  reader_.check_keys(entry.value, {"limit", "except"}, "`lag`");
  if (const Entry* limit = entry.value.find("limit"))
    settings.lag->limit = values_.value(*limit, positive_size, size_advice).value_or(settings.lag->limit);
  settings.lag->except = values_.names(entry.value, "except");
}

void ThrottleReader::read_cancelled(const Entry& entry, ThrottleSettings& settings) const {
  if (!reader_.is_mapping(entry, "write {limit: 5, replicas: [\"${REPLICA_URL}\"]}")) return;
  reader_.check_keys(entry.value, {"limit", "replicas"}, "`cancelled`");
  CancelledSettings cancelled;
  std::int64_t limit = 1;
  values_.must(entry, "limit", limit, positive_count, "write the largest number of queries a minute");
  cancelled.limit = static_cast<double>(limit);
  const Entry* replicas = entry.value.find("replicas");
  if (replicas == nullptr || replicas->value.kind != Node::Kind::sequence || replicas->value.items.empty()) {
    reader_.complain(entry,
                     "`replicas` of `cancelled` must list the replicas' URLs; write [\"${REPLICA_URL}\"]");
  } else {
    for (const Node& item : replicas->value.items) {
      CancelledSettings::Replica replica;
      replica.url = values_.texts().address(item, "replicas", replica.unset).value_or("");
      cancelled.replicas.push_back(std::move(replica));
    }
  }
  settings.cancelled = std::move(cancelled);
}

void ThrottleReader::read_disk(const Entry& entry, ThrottleSettings& settings) const {
  if (!reader_.is_mapping(entry, "write {query: select …, least: 20GB}")) return;
  reader_.check_keys(entry.value, {"query", "least", "every"}, "`disk`");
  DiskSettings disk;
  disk.query = values_.query(entry.value, "`disk`");
  values_.must(entry, "least", disk.least, positive_size, size_advice);
  disk.every = values_.interval(entry.value, disk_interval);
  settings.disk = std::move(disk);
}

void ThrottleReader::read_hours(const Entry& entry, ThrottleSettings& settings) const {
  settings.hours = values_.hours(entry);
}

NumberSettings ThrottleReader::read_number(const Node& item) const {
  const std::string what = "a query of `queries`";
  reader_.check_keys(item, {"name", "query", "limit", "least", "pause", "every"}, what);
  NumberSettings number;
  if (const Entry* name = item.find("name")) {
    number.name = values_.text(*name).value_or("");
  } else {
    reader_.complain(item, fmt::format("`name` of {} is missing; write `name: …`", what));
  }
  number.query = values_.query(item, what);
  const Entry* limit = item.find("limit");
  const Entry* least = item.find("least");
  if ((limit == nullptr) == (least == nullptr)) {
    reader_.complain(item, fmt::format("{} needs `limit` or `least`, one of them; write one", what));
  } else {
    const Entry& bound = limit != nullptr ? *limit : *least;
    number.least = least != nullptr;
    number.bound = values_.value(bound, positive_number, "write a number above 0").value_or(1);
  }
  if (const Entry* pause = item.find("pause")) number.pause = reader_.boolean(*pause).value_or(false);
  number.every = values_.interval(item, query_interval);
  return number;
}

void ThrottleReader::read_queries(const Entry& entry, ThrottleSettings& settings) const {
  const char* const advice = "write [{name: …, query: select …, limit: 10}]";
  if (!reader_.is_list(entry, advice)) return;
  for (const Node& item : entry.value.items) {
    if (item.kind != Node::Kind::mapping) {
      reader_.complain(
          item, fmt::format("a query of `queries` must be a mapping, not {}; {}", describe(item), advice));
      continue;
    }
    NumberSettings number = read_number(item);
    const auto same = [&](const NumberSettings& other) { return other.name == number.name; };
    if (!number.name.empty() && std::any_of(settings.queries.begin(), settings.queries.end(), same))
      reader_.complain(
          item, fmt::format("`queries` has two named `{}`; give one another name", shorten(number.name)));
    settings.queries.push_back(std::move(number));
  }
}

ThrottleSettings ThrottleReader::read(const Node& root) const {
  ThrottleSettings settings;
  reader_.check_keys(root, throttle_keys, "`throttle`");
  const std::pair<const char*, void (ThrottleReader::*)(const Entry&, ThrottleSettings&) const> parts[] = {
      {"probe", &ThrottleReader::read_probe},
      {"latency", &ThrottleReader::read_latency},
      {"cancelled", &ThrottleReader::read_cancelled},
      {"disk", &ThrottleReader::read_disk},
      {"hours", &ThrottleReader::read_hours}};
  for (const auto& [key, read_part] : parts) {
    const Entry* entry = root.find(key);
    if (entry != nullptr && !ThrottleValues::is_off(*entry)) (this->*read_part)(*entry, settings);
  }
  if (const Entry* entry = root.find("lag")) {
    if (ThrottleValues::is_off(*entry))
      settings.lag.reset();
    else
      read_lag(*entry, settings);
  }
  if (const Entry* entry = root.find("queries")) read_queries(*entry, settings);
  const std::string sessions = "write a number of sessions as 40";
  values_.limit(root, "active", settings.active, positive_count, sessions);
  values_.limit(root, "waiting", settings.waiting, positive_count, sessions);
  values_.limit(root, "blocked", settings.blocked, positive_duration, duration_advice);
  values_.limit(root, "wal", settings.wal, positive_size, "write bytes a second as 50MB");
  values_.limit(root, "checkpoint", settings.checkpoint, positive_duration, duration_advice);
  values_.limit(root, "slots", settings.slots, positive_size, size_advice);
  values_.limit(root, "archive", settings.archive, positive_count, "write a number of WAL files as 100");
  values_.limit(root, "transaction", settings.transaction, positive_duration, duration_advice);
  if (const Entry* entry = root.find("vacuum")) settings.vacuum = reader_.boolean(*entry).value_or(true);
  if (const Entry* entry = root.find("absence"))
    settings.absence = values_.value(*entry, positive_duration, duration_advice).value_or(settings.absence);
  return settings;
}

}  // namespace

ThrottleSettings read_throttle(const Reader& reader, const Entry& entry, const SettingsTexts& texts) {
  if (entry.value.kind == Node::Kind::null) return {};  // every key is commented out
  if (!reader.is_mapping(entry, "write its keys as `lag: 200MB`")) return {};
  return ThrottleReader(reader, texts).read(entry.value);
}

}  // namespace dbtool::load
