#include "load/load.h"

#include <algorithm>
#include <future>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"
#include "load/across.h"
#include "load/checksum.h"
#include "load/complaints.h"
#include "load/reader.h"
#include "load/schema_files.h"
#include "load/settings_file.h"
#include "load/version_file.h"
#include "load/version_list.h"
#include "load/yaml.h"

namespace dbtool::load {

namespace fs = std::filesystem;

namespace {

constexpr const char* versions_folder = "versions";

std::string list(const std::vector<Complaint>& complaints) {
  std::string text;
  for (const Complaint& complaint : complaints) {
    if (!text.empty()) text += '\n';
    text += to_text(complaint);
  }
  return text;
}

std::optional<std::string> read_contents(const fs::path& path, const std::string& file,
                                         Complaints& complaints) {
  try {
    return read_file(path);
  } catch (const Error& error) {
    complaints.add({file, 0, 0}, std::string(error.what()) + "; make it readable");
    return std::nullopt;
  }
}

/// One version file, read.
struct LoadedVersion {
  std::optional<Version> version;  ///< nullopt when the file could not be parsed
  Complaints complaints;
};

LoadedVersion load_version(const fs::path& folder, const VersionName& name, const SideFiles& side_files) {
  LoadedVersion loaded;
  const std::string file = fmt::format("{}/{}", versions_folder, name.name);
  const auto contents = read_contents(folder / name.name, file, loaded.complaints);
  if (!contents) return loaded;
  const auto document = parse_yaml(file, *contents, loaded.complaints);
  if (!document) return loaded;
  loaded.version = read_version(Reader(*document, loaded.complaints), name.number, side_files);
  loaded.version->checksum = checksum(*loaded.version);
  return loaded;
}

/// Parses the files side by side: they are independent of each other, and parsing is most of the work.
std::vector<LoadedVersion> load_versions(const fs::path& folder, const std::vector<VersionName>& names,
                                         const SideFiles& side_files) {
  std::vector<LoadedVersion> loaded(names.size());
  constexpr std::size_t files_for_a_thread = 16;
  in_parallel(names.size(), files_for_a_thread,
              [&](std::size_t i) { loaded[i] = load_version(folder, names[i], side_files); });
  return loaded;
}

/// A project directory being read.
class Loader {
 public:
  Loader(fs::path directory, const Environment& environment)
      : directory_(std::move(directory)), environment_(environment) {
    project_.directory = directory_;
  }

  Project load(Purpose purpose) {
    if (find_directory()) {
      load_settings();
      load_beside_each_other();
      load_releases();
    }
    if (purpose == Purpose::judge) complaints_.forgive_transactions();
    if (!complaints_.empty()) throw LoadError(complaints_.sorted());
    index_methods(project_);
    return std::move(project_);
  }

  Settings settings_alone() {
    if (find_directory()) load_settings();
    if (!complaints_.empty()) throw LoadError(complaints_.sorted());
    return std::move(project_.settings);
  }

  Project load_without_versions() {
    if (find_directory()) load_settings();
    if (!complaints_.empty()) throw LoadError(complaints_.sorted());
    load_schema();
    load_releases();
    project_.tables.clear();
    return std::move(project_);
  }

 private:
  /// What is not there declares nothing, also not that the database is protected.
  bool find_directory() {
    std::error_code error;
    if (fs::is_directory(directory_, error)) return true;
    complaints_.add({directory_.string(), 0, 0},
                    "there is no such directory; name a project directory with -C");
    return false;
  }

  void load_settings() {
    const std::string file = "dbtool.yml";
    if (!exists(file)) return;
    const auto document = parse(file);
    if (!document) return;
    const Reader reader(*document, complaints_);
    project_.settings =
        read_settings(reader, environment_, others_may_read(directory_ / file), project_.warnings);
  }

  /// What the schema files declare and what the versions do is independent, and either may be large.
  void load_beside_each_other() {
    Loader schema(directory_, environment_);
    auto schema_is_read = std::async(std::launch::async, [&schema] { schema.load_schema(); });
    load_all_versions();
    schema_is_read.get();
    complaints_.append(std::move(schema.complaints_));
    project_.tables = std::move(schema.project_.tables);
    project_.access = std::move(schema.project_.access);
    project_.sizes = std::move(schema.project_.sizes);
  }

  void load_all_versions() {
    const fs::path folder = directory_ / versions_folder;
    const auto names = list_versions(folder, versions_folder, complaints_);
    if (names.empty()) return;
    newest_ = names.back().number;
    const SideFiles side_files(folder, versions_folder);
    bool complete = true;
    for (LoadedVersion& loaded : load_versions(folder, names, side_files)) {
      complaints_.append(std::move(loaded.complaints));
      complete = complete && loaded.version.has_value();
      if (loaded.version) project_.versions.push_back(std::move(*loaded.version));
    }
    check_across(project_.versions, complete && names.size() == static_cast<std::size_t>(newest_),
                 complaints_);
  }

  void load_schema() {
    const auto tables = find({"tables.yml"}, true);
    std::optional<Document> document;
    if (tables && (document = parse(*tables))) project_.tables = read_tables(Reader(*document, complaints_));
    const bool tables_known = document.has_value();
    const auto access = find({"access.yml"}, true);
    if (access && (document = parse(*access))) {
      project_.access =
          read_access(Reader(*document, complaints_), tables_known ? &project_.tables : nullptr);
    }
    const std::string sizes = "schema/sizes.yml";
    if (exists(sizes) && (document = parse(sizes)))
      project_.sizes = read_sizes(Reader(*document, complaints_));
  }

  void load_releases() {
    std::optional<Document> document;
    const auto releases = find({"releases.yml", "releases.txt"}, false);
    if (releases && (document = parse(*releases))) {
      // Without a version file, which has been complained about, no release is too new.
      const int newest = newest_ > 0 ? newest_ : std::numeric_limits<int>::max();
      project_.releases = read_releases(Reader(*document, complaints_), newest);
    }
  }

  bool exists(const std::string& file) const {
    std::error_code error;
    // Also true for a link to nowhere, so that it is complained about and not passed over.
    return fs::exists(fs::symlink_status(directory_ / file, error));
  }

  /// Where one of `names` is: in schema/, or at the top as in the old layout, but not at two places.
  std::optional<std::string> find(const std::vector<std::string>& names, bool required) {
    std::vector<std::string> found;
    for (const char* folder : {"schema/", ""}) {
      for (const std::string& name : names) {
        if (exists(folder + name)) found.push_back(folder + name);
      }
    }
    for (std::size_t i = 1; i < found.size(); ++i) {
      complaints_.add(
          {found[i], 0, 0},
          fmt::format("stands beside {}, which says the same; remove one of them", found.front()));
    }
    if (!found.empty()) return found.front();
    if (required) {
      complaints_.add({"schema/" + names.front(), 0, 0},
                      "the file is missing; write it, with {} when there is nothing to declare");
    }
    return std::nullopt;
  }

  std::optional<Document> parse(const std::string& file) {
    const auto contents = read_contents(directory_ / file, file, complaints_);
    return contents ? parse_yaml(file, *contents, complaints_) : std::nullopt;
  }

  fs::path directory_;
  const Environment& environment_;
  Project project_;
  Complaints complaints_;
  int newest_ = 0;
};

}  // namespace

std::string to_text(const Complaint& complaint) {
  return dbtool::to_text(complaint.place) + ": " + complaint.text;
}

LoadError::LoadError(std::vector<Complaint> complaints)
    : Error(ExitCode::usage, list(complaints)), complaints_(std::move(complaints)) {}

Project load_project(const fs::path& directory, const Environment& environment, Purpose purpose) {
  return Loader(directory, environment).load(purpose);
}

Settings load_settings(const fs::path& directory, const Environment& environment) {
  return Loader(directory, environment).settings_alone();
}

Project load_without_versions(const fs::path& directory, const Environment& environment) {
  return Loader(directory, environment).load_without_versions();
}

std::vector<TableSize> read_sizes_file(const fs::path& file) {
  Complaints complaints;
  std::vector<TableSize> sizes;
  if (const auto document = parse_yaml(file.string(), read_file(file), complaints))
    sizes = read_sizes(Reader(*document, complaints));
  if (!complaints.empty()) throw LoadError(complaints.sorted());
  return sizes;
}

ThrottleSettings read_throttle(const std::string& yaml, const Environment& environment) {
  std::string text = "throttle: " + yaml;
  if (yaml.find('\n') != std::string::npos) {
    text = "throttle:\n";
    for (const std::string_view line : split_lines(yaml)) text += "  " + std::string(line) + "\n";
  }
  Complaints complaints;
  std::vector<std::string> warnings;
  Settings settings;
  if (const auto document = parse_yaml("throttle", text, complaints))
    settings = read_settings(Reader(*document, complaints), environment, false, warnings);
  if (!complaints.empty()) throw LoadError(complaints.sorted());
  return settings.throttle;
}

}  // namespace dbtool::load
