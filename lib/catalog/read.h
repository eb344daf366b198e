#pragma once

#include <string>
#include <vector>

#include "model/object.h"
#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::catalog {

/// Reads what the depths "declared" and "methods" need, in one round trip however many tables there are:
/// kinds "table", "column", "function", "grant" (role + table → privileges, column grants among them), "user" (attributes,
/// memberships) of schema public.
Catalog read(pg::Connection& connection, const Project& project);

}  // namespace dbtool::catalog
