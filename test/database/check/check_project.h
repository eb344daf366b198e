#pragma once

#include <string>

#include "model/project.h"

namespace dbtool::test {

/// A method with a body, for the version files that a test builds in memory.
Method method(const std::string& name, const std::string& args, const std::string& returns,
              const std::string& body);

/// A version with a migration script (none when empty) and methods.
Version version(int number, const std::string& script, std::vector<Method> methods);

/// Two versions, three tables, two services; `check_database()` makes exactly what they declare. Names of
/// users begin with `prefix`.
Project check_project(const std::string& prefix);

/// SQL that a superuser runs in an empty database, so that it is as check_project() declares at its newest
/// version.
std::string check_database(const std::string& prefix);

}  // namespace dbtool::test
