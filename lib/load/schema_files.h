#pragma once

#include <vector>

#include "load/reader.h"
#include "model/project.h"

namespace dbtool::load {

/// tables.yml.
std::vector<DeclaredTable> read_tables(const Reader& reader);

/// access.yml; its tables are looked up in `tables`, unless that is null because tables.yml could not be
/// read.
std::vector<ServiceAccess> read_access(const Reader& reader, const std::vector<DeclaredTable>* tables);

/// releases.yml or releases.txt; versions are judged against 1..`newest`.
std::vector<Release> read_releases(const Reader& reader, int newest);

/// sizes.yml.
std::vector<TableSize> read_sizes(const Reader& reader);

}  // namespace dbtool::load
