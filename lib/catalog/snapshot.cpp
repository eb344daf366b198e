#include "catalog/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "catalog/diff.h"

namespace dbtool::catalog {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int format = 1;
constexpr const char* directory = "schema/catalog";
constexpr const char* remedy = "write it anew: dbtool check --save";

std::string file_name(int version) {
  return fmt::format("{}/{:04}.jsonl", directory, version);
}

bool same(const Object& a, const Object& b) {
  return a.facts == b.facts && a.part_of == b.part_of;
}

std::string line_of(const Object& object, bool gone) {
  ordered_json line{{"kind", object.kind}, {"identity", object.identity}};
  if (gone) {
    line["gone"] = true;
  } else {
    if (!object.part_of.empty()) line["part_of"] = object.part_of;
    ordered_json facts = ordered_json::object();
    for (const auto& [name, text] : object.facts) facts[name] = text;
    line["facts"] = std::move(facts);
  }
  return line.dump() + "\n";
}

Object object_from(const json& line) {
  Object object;
  object.kind = line.at("kind").get<std::string>();
  object.identity = line.at("identity").get<std::string>();
  if (const auto parts = line.find("part_of"); parts != line.end())
    object.part_of = parts->get<std::vector<std::string>>();
  if (const auto facts = line.find("facts"); facts != line.end()) {
    for (const auto& [name, text] : facts->items()) object.facts.emplace(name, text.get<std::string>());
  }
  return object;
}

using Objects = std::map<std::pair<std::string, std::string>, Object>;

/// Puts what the file of one version says over `objects`; returns the major version of its server.
int apply_file(const Project& project, const Version& version, Objects& objects) {
  const std::string name = file_name(version.number);
  const fs::path path = project.directory / name;
  if (!fs::exists(path))
    throw Error(ExitCode::usage,
                fmt::format("{}: the expected catalog of version {} is missing", name, version.number),
                remedy);
  const std::string text = read_file(path);
  int number = 0;
  int major = 0;
  try {
    for (const std::string_view line_text : split_lines(text)) {
      const json line = json::parse(line_text);
      if (++number > 1) {
        Object object = object_from(line);
        std::pair<std::string, std::string> key{object.kind, object.identity};
        if (line.value("gone", false))
          objects.erase(key);
        else
          objects.insert_or_assign(std::move(key), std::move(object));
        continue;
      }
      if (line.at("format").get<int>() != format)
        throw Error(ExitCode::usage, fmt::format("{}: written by another version of dbtool", name), remedy);
      if (line.at("checksum").get<std::string>() != version.checksum)
        throw Error(ExitCode::usage,
                    fmt::format("{}: made from another text of version {}", name, version.number), remedy);
      major = line.at("server").get<int>();
    }
  } catch (const json::exception& error) {
    throw Error(ExitCode::usage, fmt::format("{}:{}: damaged: {}", name, number, error.what()), remedy);
  }
  if (number == 0) throw Error(ExitCode::usage, name + ": empty", remedy);
  return major;
}

}  // namespace

SnapshotFile snapshot_file(const Version& version, int server_major, const Catalog& before,
                           const Catalog& after) {
  SnapshotFile file{file_name(version.number), {}};
  const ordered_json header{{"format", format},
                            {"version", version.number},
                            {"checksum", version.checksum},
                            {"server", server_major}};
  file.text = header.dump() + "\n";
  auto old = before.begin();
  for (const Object& object : after) {
    for (; old != before.end() && *old < object; ++old) file.text += line_of(*old, true);
    const bool known = old != before.end() && !(object < *old);
    if (!known || !same(*old, object)) file.text += line_of(object, false);
    if (known) ++old;
  }
  for (; old != before.end(); ++old) file.text += line_of(*old, true);
  return file;
}

bool has_snapshot(const Project& project) {
  const fs::path path = project.directory / directory;
  if (!fs::is_directory(path)) return false;
  const fs::directory_iterator files(path);
  return std::any_of(begin(files), end(files),
                     [](const fs::directory_entry& file) { return file.path().extension() == ".jsonl"; });
}

std::optional<int> snapshot_server_major(const Project& project) {
  const fs::path path = project.directory / file_name(1);
  if (!fs::exists(path)) return std::nullopt;
  const std::string text = read_file(path);
  const std::vector<std::string_view> lines = split_lines(text);
  const json header = lines.empty() ? json() : json::parse(lines.front(), nullptr, false);
  if (!header.is_object() || !header.contains("server") || !header["server"].is_number_integer())
    return std::nullopt;
  return header["server"].get<int>();
}

Snapshot read_snapshot(const Project& project, int version) {
  Objects objects;
  Snapshot snapshot;
  for (int number = 1; number <= version; ++number)
    snapshot.server_major = apply_file(project, project.version(number), objects);
  snapshot.objects.reserve(objects.size());
  for (auto& [key, object] : objects) snapshot.objects.push_back(std::move(object));
  return snapshot;
}

std::vector<std::string> surplus_snapshot_files(const Project& project) {
  std::vector<std::string> surplus;
  if (!fs::is_directory(project.directory / directory)) return surplus;
  for (const fs::directory_entry& entry : fs::directory_iterator(project.directory / directory)) {
    const std::string name = std::string(directory) + "/" + entry.path().filename().string();
    if (entry.path().extension() != ".jsonl") continue;
    bool wanted = false;
    for (const Version& version : project.versions) wanted = wanted || name == file_name(version.number);
    if (!wanted) surplus.push_back(name);
  }
  std::sort(surplus.begin(), surplus.end());
  return surplus;
}

}  // namespace dbtool::catalog
