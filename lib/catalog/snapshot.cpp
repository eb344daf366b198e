#include "catalog/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "catalog/diff.h"
#include "catalog/snapshot_line.h"

namespace dbtool::catalog {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int format = 2;
constexpr const char* directory = "schema/catalog";
constexpr const char* remedy = "write it anew: dbtool check --save";

std::string file_name(int version) {
  return fmt::format("{}/{:04}.jsonl", directory, version);
}

bool same_object(const Object& a, const Object& b) {
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

/// Lines of the files in their order; of those that tell of one object the last counts.
using Lines = std::vector<std::vector<SnapshotLine>>;

bool comes_before(const SnapshotLine* a, const SnapshotLine* b) {
  return a->object < b->object;
}

/// The major version of the server that the first line of a version's file tells, when the file is one of
/// that version.
int read_header(std::string_view line, const std::string& name, const Version& version) {
  const json header = json::parse(line);
  if (header.at("format").get<int>() != format)
    throw Error(ExitCode::usage, fmt::format("{}: written by another version of dbtool", name), remedy);
  if (header.at("checksum").get<std::string>() != version.checksum)
    throw Error(ExitCode::usage,
                fmt::format("{}: made from another text of version {}", name, version.number), remedy);
  return header.at("server").get<int>();
}

struct File {
  int server_major = 0;
  std::vector<SnapshotLine> lines;
};

File read_lines(const Project& project, const Version& version) {
  const std::string name = file_name(version.number);
  const fs::path path = project.directory / name;
  if (!fs::exists(path))
    throw Error(ExitCode::usage,
                fmt::format("{}: the expected catalog of version {} is missing", name, version.number),
                remedy);
  const std::string text = read_file(path);
  const std::vector<std::string_view> lines = split_lines(text);
  if (lines.empty()) throw Error(ExitCode::usage, name + ": empty", remedy);
  File file;
  file.lines.reserve(lines.size() - 1);
  std::size_t number = 1;
  const auto damaged = [&](const std::exception& error) {
    return Error(ExitCode::usage, fmt::format("{}:{}: damaged: {}", name, number, error.what()), remedy);
  };
  try {
    file.server_major = read_header(lines.front(), name, version);
    while (number < lines.size()) file.lines.push_back(read_snapshot_line(lines[number++]));
  } catch (const json::exception& error) {
    throw damaged(error);
  } catch (const DamagedLine& error) {
    throw damaged(error);
  }
  return file;
}

/// All lines in the order of their objects, and for one object in that of the files. Each file is in order
/// already, as it was written.
std::vector<SnapshotLine*> in_order(Lines& files) {
  std::vector<std::vector<SnapshotLine*>> runs;
  for (std::vector<SnapshotLine>& file : files) {
    std::vector<SnapshotLine*>& run = runs.emplace_back();
    run.reserve(file.size());
    for (SnapshotLine& line : file) run.push_back(&line);
    if (!std::is_sorted(run.begin(), run.end(), comes_before))
      std::stable_sort(run.begin(), run.end(), comes_before);
  }
  while (runs.size() > 1) {
    std::vector<std::vector<SnapshotLine*>> longer;
    for (std::size_t i = 0; i + 1 < runs.size(); i += 2) {
      std::vector<SnapshotLine*>& both = longer.emplace_back();
      both.reserve(runs[i].size() + runs[i + 1].size());
      std::merge(runs[i].begin(), runs[i].end(), runs[i + 1].begin(), runs[i + 1].end(),
                 std::back_inserter(both), comes_before);
    }
    if (runs.size() % 2 == 1) longer.push_back(std::move(runs.back()));
    runs = std::move(longer);
  }
  return runs.empty() ? std::vector<SnapshotLine*>{} : std::move(runs.front());
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
    if (!known || !same_object(*old, object)) file.text += line_of(object, false);
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
  Snapshot snapshot;
  Lines files;
  for (int number = 1; number <= version; ++number) {
    File file = read_lines(project, project.version(number));
    snapshot.server_major = file.server_major;
    files.push_back(std::move(file.lines));
  }
  const std::vector<SnapshotLine*> lines = in_order(files);
  snapshot.objects.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool is_last = i + 1 == lines.size() || comes_before(lines[i], lines[i + 1]);
    if (is_last && !lines[i]->gone) snapshot.objects.push_back(std::move(lines[i]->object));
  }
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
