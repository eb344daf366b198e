#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/columns.h"
#include "model/object.h"
#include "model/project.h"
#include "sql/parse.h"

namespace dbtool::catalog {

/// What tables.yml says: objects of kind "table" (no facts), and the columns, which look at the texts of
/// `project`.
Schema declared_tables(const Project& project);

/// What access.yml says: objects of kind "grant". Needs a user prefix.
Catalog declared_grants(const Project& project);

/// Service users of access.yml: objects of kind "user", as they must be. Needs a user prefix. `at` is the
/// version of the database: without a version table nobody can be asked to read it.
Catalog declared_users(const Project& project, int at);

}  // namespace dbtool::catalog
