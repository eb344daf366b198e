#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/object.h"
#include "model/project.h"
#include "sql/parse.h"

namespace dbtool::catalog {

/// A stored function as the version files want it at some version of the database.
struct ExpectedMethod {
  std::string name;
  const Method* definition = nullptr;  ///< newest one with a body
  int defined_in = 0;
  bool deprecated = false;
  bool redefined_by_script = false;  ///< a later script made it anew: its text is not known
  std::optional<std::vector<sql::Argument>> arguments;  ///< nullopt: not understood
  std::optional<sql::ReturnType> returns;               ///< nullopt: not understood
};

/// A stored function that must not be there.
struct UnexpectedMethod {
  std::string name;
  int version = 0;       ///< that first defines it, or whose script dropped it
  bool dropped = false;  ///< false: of a newer version than the database's
  const Method* definition = nullptr;
};

struct Methods {
  std::vector<ExpectedMethod> expected;      ///< by name
  std::vector<UnexpectedMethod> unexpected;  ///< by name
};

/// What the files of versions 1..`at` leave in a database at version `at`. A method that a script drops is
/// gone until a method of the same name is defined anew; functions that scripts make are never unexpected.
Methods methods_at(const Project& project, int at);

/// Spellings of all types of the expected methods, to be asked from the server.
std::vector<std::string> type_spellings(const Methods& methods);

/// Objects of kind "function" like those of a live database, with the server's names of types. Methods whose
/// texts are not understood are left out.
Catalog expected_functions(const Methods& methods, const std::map<std::string, std::string>& types);

}  // namespace dbtool::catalog
