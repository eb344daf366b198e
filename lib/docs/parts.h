#pragma once

#include <string>
#include <vector>

#include "docs/history.h"
#include "docs/reference.h"
#include "model/project.h"

/// The parts that read_reference puts together.
namespace dbtool::docs {

/// The declared tables, by name, with what the scripts tell of them.
std::vector<TableEntry> read_tables(const Project& project, const History& history);

/// Every stored function, by service and name; those without a service last.
std::vector<FunctionEntry> read_functions(const Project& project, const History& history);

std::vector<VersionEntry> read_versions(const Project& project, const History& history);

std::vector<ReleaseEntry> read_releases(const Project& project);

}  // namespace dbtool::docs
