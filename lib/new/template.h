#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "new/online_template.h"

namespace dbtool {

/// What a new version is to do.
enum class VersionKind { table, methods, online, two_step, concurrent_index };

/// "table", "methods", "online", "two-step", "concurrent-index".
const std::vector<std::string>& version_kind_names();

/// nullopt for a word that is none of version_kind_names().
std::optional<VersionKind> parse_version_kind(std::string_view text);

/// What goes into a template.
struct TemplateValues {
  int number = 1;       ///< of the first version that is written
  std::string title;    ///< becomes the description, and the names of the objects
  std::string service;  ///< that owns them; "my-service" when empty
  OnlinePattern pattern = OnlinePattern::dual_write;  ///< of an online migration
  std::optional<SourceTable> source = {};             ///< whose rows it moves; nullopt: an example
  std::string copy = {};                              ///< what it fills; empty: a name made from the title
};

/// The contents of new version files, one a version, in ascending order from `values.number`: complete,
/// loadable, with comments that say what to change.
std::vector<std::string> fill_template(VersionKind kind, const TemplateValues& values);

/// The name of an SQL object made from a title: "Tasks of a queue" → "tasks_of_a_queue".
std::string object_name(std::string_view title);

}  // namespace dbtool
