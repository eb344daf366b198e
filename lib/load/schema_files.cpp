#include "load/schema_files.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "load/release_name.h"
#include "load/scalar.h"

namespace dbtool::load {

namespace {

constexpr std::string_view not_null = "not null";
constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

/// The file's mapping; an empty one when it is of another kind. A file of comments only is read as an empty
/// mapping where `optional` says so.
const std::vector<Entry>& entries_of(const Reader& reader, const std::string& example, bool optional) {
  const Node& root = reader.document().root;
  const bool allowed = root.kind == Node::Kind::mapping || (optional && root.kind == Node::Kind::null);
  if (!allowed) {
    reader.complain(root,
                    fmt::format("the file must be a mapping, not {}; write {}", describe(root), example));
  }
  return root.entries;
}

/// "jsonb not null" → "jsonb", true.
std::pair<std::string, bool> split_type(std::string_view declared) {
  declared = trim(declared);
  const std::size_t before = declared.size() - std::min(declared.size(), not_null.size());
  if (to_lower(declared.substr(before)) != not_null) return {std::string(declared), false};
  const std::string_view type = declared.substr(0, before);
  if (!type.empty() && trim(type).size() == type.size()) return {std::string(declared), false};
  return {std::string(trim(type)), true};
}

DeclaredColumn read_column(const Reader& reader, const Entry& entry) {
  DeclaredColumn column{entry.key, {}, false, entry.position};
  const auto declared = reader.text(entry);
  if (!declared) return column;
  std::tie(column.type, column.not_null) = split_type(*declared);
  if (column.type.empty()) {
    reader.complain(entry.value, fmt::format("the column `{}` has no type; write one before `not null`",
                                             shorten(entry.key)));
  }
  return column;
}

ServiceAccess read_service(const Reader& reader, const Entry& entry, const std::vector<DeclaredTable>* tables,
                           const std::vector<std::string>& names) {
  ServiceAccess service{entry.key, {}, reader.place(entry)};
  if (!reader.is_mapping(entry, "write {tables: {…}}")) return service;
  reader.check_keys(entry.value, {"tables"}, "a service");
  const Entry* listed = entry.value.find("tables");
  if (listed == nullptr) {
    reader.complain(entry,
                    fmt::format("`tables` of `{}` is missing; write `tables: {{}}` when there are none",
                                shorten(entry.key)));
    return service;
  }
  if (!reader.is_mapping(*listed, "write each table as NAME: read, or NAME: write")) return service;
  for (const Entry& table : listed->value.entries) {
    if (tables != nullptr && !std::binary_search(names.begin(), names.end(), table.key)) {
      const auto meant = nearest_word(table.key, names);
      reader.complain(table, fmt::format("the table `{}` is not in tables.yml; {}", shorten(table.key),
                                         meant ? fmt::format("did you mean `{}`?", *meant)
                                               : "declare it there, or remove it"));
    }
    const auto mode = reader.text(table);
    if (mode && *mode != "read" && *mode != "write") {
      reader.complain(table.value, fmt::format("access to `{}` is `{}`; write read or write",
                                               shorten(table.key), shorten(*mode)));
    }
    service.tables.push_back(
        {table.key, mode == "write" ? MethodMode::write : MethodMode::read, reader.place(table)});
  }
  return service;
}

void check_service_name(const Reader& reader, const Entry& entry, std::map<std::string, std::string>& users) {
  const std::string user = service_user("", entry.key);
  if (!is_simple_name(user)) {
    reader.complain(entry,
                    fmt::format("`{}` cannot be a service's name; write lower-case letters, digits, - and _",
                                shorten(entry.key)));
  }
  const auto [other, is_new] = users.emplace(user, entry.key);
  if (!is_new) {
    reader.complain(entry, fmt::format("`{}` and `{}` would have the same database user; rename one",
                                       shorten(entry.key), shorten(other->second)));
  }
}

std::int64_t read_count(const Reader& reader, const Entry& table, const std::string& key) {
  const Entry* entry = table.value.find(key);
  if (entry != nullptr) return reader.integer(*entry, 0, no_limit).value_or(0);
  reader.complain(table, fmt::format("`{}` of `{}` is missing; write `{}: …`", key, shorten(table.key), key));
  return 0;
}

}  // namespace

std::vector<DeclaredTable> read_tables(const Reader& reader) {
  std::vector<DeclaredTable> tables;
  for (const Entry& entry : entries_of(reader, "`table: {column: type}`, or {} when there are none", false)) {
    DeclaredTable table{entry.key, {}, reader.place(entry)};
    if (reader.is_mapping(entry, "write its columns as `column: type`")) {
      for (const Entry& column : entry.value.entries) table.columns.push_back(read_column(reader, column));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<ServiceAccess> read_access(const Reader& reader, const std::vector<DeclaredTable>* tables) {
  std::vector<std::string> names;
  if (tables != nullptr) {
    for (const DeclaredTable& table : *tables) names.push_back(table.name);
    std::sort(names.begin(), names.end());
  }
  std::vector<ServiceAccess> services;
  std::map<std::string, std::string> users;
  for (const Entry& entry :
       entries_of(reader, "`service: {tables: {table: read}}`, or {} when there are none", false)) {
    check_service_name(reader, entry, users);
    services.push_back(read_service(reader, entry, tables, names));
  }
  return services;
}

std::vector<Release> read_releases(const Reader& reader, int newest) {
  std::vector<Release> releases;
  std::optional<ReleaseName> last_name;
  for (const Entry& entry : entries_of(reader, "`v34.0.0: 20`", true)) {
    const auto name = parse_release_name(entry.key);
    const auto version = reader.integer(entry, 1, newest);
    if (!name) {
      reader.complain(
          entry, fmt::format("`{}` is not the name of a release; write it as v34.0.0", shorten(entry.key)));
    } else if (last_name && !(*last_name < *name)) {
      reader.complain(entry, fmt::format("the release {} stands behind {}; order them, oldest first",
                                         entry.key, releases.empty() ? "a newer one" : releases.back().name));
    }
    if (version && !releases.empty() && *version < releases.back().version) {
      reader.complain(
          entry.value,
          fmt::format("the release {} needs version {}, less than {} of {} before it; mend one",
                      shorten(entry.key), *version, releases.back().version, releases.back().name));
    }
    if (name) last_name = name;
    if (name && version) releases.push_back({entry.key, static_cast<int>(*version), reader.place(entry)});
  }
  return releases;
}

std::vector<TableSize> read_sizes(const Reader& reader) {
  std::vector<TableSize> sizes;
  for (const Entry& entry : entries_of(reader, "`table: {rows: 27000000, bytes: 40000000000}`", true)) {
    if (!reader.is_mapping(entry, "write {rows: …, bytes: …}")) continue;
    reader.check_keys(entry.value, {"rows", "bytes"}, "a table's size");
    sizes.push_back({entry.key, read_count(reader, entry, "rows"), read_count(reader, entry, "bytes")});
  }
  return sizes;
}

}  // namespace dbtool::load
