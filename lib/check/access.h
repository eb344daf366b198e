#pragma once

#include <string>
#include <vector>

#include "check/judged.h"
#include "model/object.h"
#include "model/project.h"

namespace dbtool::check {

/// Differences between the service users as they must be and as they are: existence, attributes, memberships,
/// access to the schemas and the version. `at` is the version of the database.
std::vector<Judged> check_users(const Project& project, int at, const Catalog& live);

/// Differences between the declared grants and the live ones, on tables and their columns. `connected_as` is
/// the user of the connection, whose own grants are nobody's business.
std::vector<Judged> check_grants(const Project& project, const std::string& connected_as,
                                 const Catalog& live);

}  // namespace dbtool::check
