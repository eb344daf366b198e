#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/size.h"
#include "window/conversion.h"

namespace dbtool::window {

namespace {

constexpr int decides = 3, likely = 2, maybe = 1;

struct SettingRule {
  const char* name;
  int weight;
  const char* meaning;
};

/// In the order in which they are told; settings that are not here may matter, and come last.
constexpr std::array setting_rules{
    SettingRule{"fsync", decides, "off: no commit, write or checkpoint waits for the disk"},
    SettingRule{"synchronous_commit", decides, "whether a commit waits for its WAL, and where"},
    SettingRule{"synchronous_standby_names", decides, "every commit waits for a replica"},
    SettingRule{"shared_buffers", decides, "what does not fit is read again, and written in between"},
    SettingRule{"wal_level", decides,
                "minimal: index builds write no WAL; logical: updates and deletes write more"},
    SettingRule{"max_wal_size", likely, "each time it is full a checkpoint writes everything that is dirty"},
    SettingRule{"full_page_writes", likely,
                "after a checkpoint the first change of a page logs the whole page"},
    SettingRule{"wal_compression", likely, "less WAL, more CPU"},
    SettingRule{"data_checksums", likely, "pages are summed when read and written; hint bits are logged"},
    SettingRule{"wal_log_hints", likely, "the first scan of new rows writes WAL"},
    SettingRule{"maintenance_work_mem", likely, "an index build that does not fit sorts on disk"},
    SettingRule{"work_mem", likely, "sorts and hashes that do not fit go to temporary files"},
    SettingRule{"max_parallel_maintenance_workers", likely, "processes that build one index"},
    SettingRule{"archive_mode", likely, "an archive that does not keep up lets WAL pile up"},
    SettingRule{"jit", likely, "compiles long queries; costs more than it saves on some"},
    SettingRule{"checkpoint_timeout", likely, "each checkpoint has whole pages logged again"},
    SettingRule{"checkpoint_completion_target", maybe, "over how much of the time a checkpoint is spread"},
    SettingRule{"min_wal_size", maybe, "WAL files that are used again instead of made"},
    SettingRule{"wal_buffers", maybe, "WAL that waits in memory"},
    SettingRule{"max_parallel_workers_per_gather", maybe, "processes that read for one query"},
    SettingRule{"max_parallel_workers", maybe, "processes that read for all queries"},
    SettingRule{"effective_cache_size", maybe, "what the planner takes to be cached"},
    SettingRule{"effective_io_concurrency", maybe, "reads that a bitmap scan begins ahead"},
    SettingRule{"random_page_cost", maybe, "what the planner thinks of index scans"},
    SettingRule{"huge_pages", maybe, "cheaper memory with large shared_buffers"},
    SettingRule{"autovacuum", maybe, "dead rows that nobody takes away"},
};

/// Of what cannot be the same anywhere, or is told by itself.
bool is_of_no_matter(const std::string& setting) {
  return setting == "max_connections" || setting == "max_replication_slots" || setting == "track_io_timing" ||
         setting == "server_encoding";
}

std::string counted(std::int64_t count) {
  const auto number = static_cast<double>(count);
  if (count < 10'000) return std::to_string(count);
  return count < 1'000'000 ? fmt::format("{:.1f} k", number / 1e3) : fmt::format("{:.1f} M", number / 1e6);
}

/// How far apart two amounts are, ≥ 1; what is hardly there counts as one.
double apart(double a, double b) {
  const double larger = std::max({a, b, 1.0});
  const double smaller = std::max(std::min(a, b), 1.0);
  return larger / smaller;
}

/// A value that is not known, or not set.
std::string shown(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) return "not known";
  return found->second.empty() ? "none" : found->second;
}

void compare_settings(const Environment& there, const Environment& here, std::vector<Difference>& found) {
  std::set<std::string> told;
  const auto tell = [&](const std::string& name, int weight, const char* meaning) {
    if (!told.insert(name).second || is_of_no_matter(name)) return;
    const std::string before = shown(there.settings, name);
    const std::string now = shown(here.settings, name);
    if (before == now) return;
    // An older or newer server does not have it: nothing that was set otherwise.
    if (there.settings.contains(name) != here.settings.contains(name)) weight = maybe;
    found.push_back({name, before, now, weight, meaning});
  };
  for (const SettingRule& rule : setting_rules) tell(rule.name, rule.weight, rule.meaning);
  for (const Environment* environment : {&there, &here})
    for (const auto& [name, value] : environment->settings) tell(name, maybe, "");
}

void compare_server(const Environment& there, const Environment& here, std::vector<Difference>& found) {
  if (there.server_version != here.server_version) {
    const auto version = [](int number) { return fmt::format("{}.{}", number / 10000, number % 10000); };
    const bool majors = there.server_version / 10000 != here.server_version / 10000;
    found.push_back({"server version", version(there.server_version), version(here.server_version),
                     majors ? decides : maybe,
                     majors ? "plans, sorts and the amount of WAL differ from major to major" : ""});
  }
  if (there.replicas != here.replicas)
    found.push_back({"replicas", std::to_string(there.replicas), std::to_string(here.replicas), likely,
                     "each is sent all WAL and may lag behind"});
  std::set<std::string> names;
  for (const Environment* environment : {&there, &here})
    for (const auto& [name, version] : environment->collations) names.insert(name);
  for (const std::string& name : names) {
    const std::string before = shown(there.collations, name);
    const std::string now = shown(here.collations, name);
    if (before != now)
      found.push_back({"collation of " + (name == "database" ? "the database" : name), before, now, likely,
                       "what comparing texts costs: sorts, and indexes on text"});
  }
}

void compare_sizes(const Environment& there, const Environment& here, std::vector<Difference>& found) {
  constexpr double much = 1.5, some = 1.1;
  const double size =
      apart(static_cast<double>(there.database_bytes), static_cast<double>(here.database_bytes));
  if (size >= some)
    found.push_back({"database size", size_to_text(there.database_bytes), size_to_text(here.database_bytes),
                     size >= much ? decides : likely, "what does not fit into memory is read from disk"});
  constexpr double hit_matters = 0.02;
  if (there.cache_hit_share && here.cache_hit_share &&
      std::abs(*there.cache_hit_share - *here.cache_hit_share) >= hit_matters)
    found.push_back({"blocks found in shared_buffers", fmt::format("{:.1f} %", *there.cache_hit_share * 100),
                     fmt::format("{:.1f} %", *here.cache_hit_share * 100), likely,
                     "the rest is read from the system's cache or from disk"});
}

double bytes_a_row(const MeasuredTable& table) {
  return table.rows > 0 ? static_cast<double>(table.bytes) / static_cast<double>(table.rows) : 0;
}

double dead_share(const MeasuredTable& table) {
  const double all = static_cast<double>(table.rows + table.dead_rows);
  return all > 0 ? static_cast<double>(table.dead_rows) / all : 0;
}

/// Differences of one table, with how large it is on the larger side.
void compare_table(const MeasuredTable& there, const MeasuredTable& here, std::vector<Difference>& found) {
  constexpr double much = 1.5, some = 1.1;
  // A page is there as soon as one row is: sizes a row of tiny tables say nothing.
  constexpr std::int64_t enough_rows = 1000;
  const std::string of = " of " + here.name;
  const double rows = apart(static_cast<double>(there.rows), static_cast<double>(here.rows));
  if (rows >= some)
    found.push_back({"rows" + of, counted(there.rows), counted(here.rows), rows >= much ? decides : likely,
                     "what walks the table takes as many times as long, or more"});
  if (there.indexes != here.indexes)
    found.push_back({"indexes" + of, std::to_string(there.indexes), std::to_string(here.indexes), decides,
                     "every row that is written goes into each of them"});
  if (std::min(there.rows, here.rows) < enough_rows) return;
  if (apart(bytes_a_row(there), bytes_a_row(here)) >= 1.2)
    found.push_back({"bytes a row" + of, fmt::format("{:.0f}", bytes_a_row(there)),
                     fmt::format("{:.0f}", bytes_a_row(here)), likely,
                     "larger values, or dead space that is read all the same"});
  if (std::abs(dead_share(there) - dead_share(here)) >= 0.05)
    found.push_back({"dead rows" + of, fmt::format("{:.0f} %", dead_share(there) * 100),
                     fmt::format("{:.0f} %", dead_share(here) * 100), likely,
                     "read and passed over until a vacuum"});
}

void compare_tables(const Environment& there, const Environment& here, std::vector<Difference>& found) {
  // Tables come largest first: what few gigabytes hold decides.
  constexpr std::size_t most = 10;
  std::map<std::string, const MeasuredTable*> of_there;
  for (const MeasuredTable& table : there.tables) of_there[table.name] = &table;
  std::set<std::string> of_here;
  std::size_t told = 0;
  std::size_t more = 0;
  for (const MeasuredTable& table : here.tables) {
    of_here.insert(table.name);
    std::vector<Difference> own;
    if (const auto other = of_there.find(table.name); other != of_there.end())
      compare_table(*other->second, table, own);
    else
      own.push_back({"table " + table.name, "not there", counted(table.rows) + " rows", likely, ""});
    if (own.empty()) continue;
    if (told++ < most)
      found.insert(found.end(), own.begin(), own.end());
    else
      ++more;
  }
  for (const MeasuredTable& table : there.tables) {
    if (of_here.contains(table.name)) continue;
    if (told++ < most)
      found.push_back({"table " + table.name, counted(table.rows) + " rows", "not there", likely, ""});
    else
      ++more;
  }
  if (more > 0) found.push_back({"further tables that differ", "", std::to_string(more), maybe, ""});
}

void compare_extensions(const Environment& there, const Environment& here, std::vector<Difference>& found) {
  std::set<std::string> names;
  for (const Environment* environment : {&there, &here})
    for (const auto& [name, version] : environment->extensions) names.insert(name);
  const auto version_of = [](const Environment& environment, const std::string& name) {
    const auto version = environment.extensions.find(name);
    return version == environment.extensions.end() ? std::string("none") : version->second;
  };
  for (const std::string& name : names) {
    const std::string before = version_of(there, name);
    const std::string now = version_of(here, name);
    if (before != now) found.push_back({"extension " + name, before, now, maybe, ""});
  }
}

}  // namespace

std::vector<Difference> differences(const Environment& there, const Environment& here) {
  std::vector<Difference> found;
  if (there.version != here.version)
    found.push_back({"schema version", std::to_string(there.version), std::to_string(here.version), decides,
                     "other tables: compare databases at the same version"});
  compare_sizes(there, here, found);
  compare_tables(there, here, found);
  compare_server(there, here, found);
  compare_settings(there, here, found);
  compare_extensions(there, here, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const Difference& a, const Difference& b) { return a.weight > b.weight; });
  return found;
}

}  // namespace dbtool::window
