#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/settings.h"
#include "model/version.h"

namespace dbtool {

struct DeclaredColumn {
  std::string name;
  std::string type;  ///< as format_type prints it
  bool not_null = false;
  Position position;  ///< in the file of its table
};

struct DeclaredTable {
  std::string name;
  std::vector<DeclaredColumn> columns;
  Place place;
};

struct TableAccess {
  std::string table;
  MethodMode mode{};
  Place place;
};

struct ServiceAccess {
  std::string service;  ///< as written, e.g. "web-server"
  std::vector<TableAccess> tables;
  Place place;
};

/// A release of the services and the database version that it needs.
struct Release {
  std::string name;
  int version = 0;
  Place place;
};

struct TableSize {
  std::string table;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Where a version names a method: versions[version - 1].methods[index].
struct MethodEntry {
  int version = 0;
  std::size_t index = 0;
};

/// A project directory, loaded and checked whole.
struct Project {
  std::filesystem::path directory;
  Settings settings;
  std::vector<Version> versions;  ///< versions[i].number == i + 1
  std::vector<DeclaredTable> tables;
  std::vector<ServiceAccess> access;
  std::vector<Release> releases;  ///< in the file's order
  std::vector<TableSize> sizes;
  std::vector<std::string> warnings;  ///< "file:line:column: …", e.g. a password in dbtool.yml
  /// Every entry of each method, versions ascending; made by index_methods, empty in a project built by hand.
  std::unordered_map<std::string, std::vector<MethodEntry>> method_index;

  int newest() const { return static_cast<int>(versions.size()); }
  /// The file of version `number`; 1 ≤ number ≤ newest().
  const Version& version(int number) const { return versions.at(static_cast<std::size_t>(number - 1)); }
};

/// The database user of a service: "<prefix>_<service>", `-` as `_`.
std::string service_user(const std::string& user_prefix, const std::string& service);
/// The users of all services of access.yml, in its order; none without a prefix.
std::vector<std::string> service_users(const Project& project);
/// Those, and the users of services that have functions and no table; sorted.
std::vector<std::string> every_service_user(const Project& project);

/// Where a method stands after version `at`: the newest definition with a body in versions 1..at,
/// and whether the newest entry that names it says deprecated.
struct MethodState {
  const Method* definition = nullptr;  ///< nullptr: no body so far
  int defined_in = 0;
  bool deprecated = false;
};

/// Fills project.method_index, to be called when the versions are complete; makes method_state fast.
void index_methods(Project& project);

/// The newest definition with a body of method `name` in versions 1..at.
MethodState method_state(const Project& project, const std::string& name, int at);

}  // namespace dbtool
