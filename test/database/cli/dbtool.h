#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "test/support/database.h"
#include "test/support/project_files.h"

namespace dbtool::test {

/// Two versions with a table, a read and a write method for service `queue`, and what schema/ declares of
/// them.
void write_small_project(const ProjectFiles& files);

/// A database whose service user is made, and the small project, driven by the real binary.
struct SmallProject {
  ProjectFiles files;
  Database database;

  SmallProject();
  /// Runs dbtool in the project on the database, as its owner.
  ProcessOutcome dbtool(const std::vector<std::string>& words) const;
};

/// Runs the binary with these words, in an environment that names no database.
ProcessOutcome run_dbtool(const std::vector<std::string>& words);

bool contains(const std::string& text, const std::string& part);

}  // namespace dbtool::test
