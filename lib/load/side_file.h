#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "load/complaints.h"
#include "model/place.h"

namespace dbtool::load {

/// The SQL files that version files may refer to by name.
class SideFiles {
 public:
  /// No file at all: every value is literal SQL.
  SideFiles() = default;
  /// The files of `folder` (the versions/ of a project); `shown` is its name in places.
  SideFiles(std::filesystem::path folder, std::string shown);

  /// What an SQL value stands for: the content of the file that it names, or itself. nullopt after a
  /// complaint. `key` is the value's key, for complaints. May be called from several threads.
  std::optional<SqlText> resolve(SqlText value, const std::string& key, Complaints& complaints) const;

 private:
  bool names_file(std::string_view value) const;
  std::optional<SqlText> read(const std::string& name, const Place& place, Complaints& complaints) const;

  std::filesystem::path folder_;
  std::filesystem::path canonical_;
  std::string shown_;
  std::unordered_set<std::string> names_;
};

}  // namespace dbtool::load
