#pragma once

#include <map>
#include <string>
#include <vector>

#include "load/load.h"
#include "test/support/project_files.h"

namespace dbtool::test {

/// The complaints about a project directory, one text each; empty when it loads.
inline std::vector<std::string> complaints_about(const ProjectFiles& files,
                                                 const std::map<std::string, std::string>& environment = {}) {
  std::vector<std::string> texts;
  try {
    load::load_project(files.path(), [&](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    });
  } catch (const load::LoadError& error) {
    for (const auto& complaint : error.complaints()) texts.push_back(to_text(complaint));
  }
  return texts;
}

/// Loads a project directory that is right, with an empty environment.
inline Project load_files(const ProjectFiles& files) {
  return load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
}

/// A file, what is in it, and the complaints that it must cause, none but these.
struct BadFile {
  const char* rule;
  std::string contents;
  std::vector<std::string> complaints;
};

}  // namespace dbtool::test
