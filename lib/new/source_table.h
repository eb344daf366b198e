#pragma once

#include <string>
#include <vector>

#include "model/project.h"

namespace dbtool {

struct SourceColumn {
  std::string name;
  std::string type;  ///< as SQL takes it
  bool not_null = false;
};

/// A service with access to a table.
struct SourceUser {
  std::string service;
  bool writes = false;
};

/// The table whose rows an online migration moves.
struct SourceTable {
  std::string name;
  std::vector<SourceColumn> columns;
  std::vector<std::string> key;  ///< columns of a unique index, none of them nullable
  std::vector<SourceUser> users;
  std::vector<std::string> writers;  ///< methods that write it so far
  bool key_known = true;             ///< false: `key` is the first column, for want of a better one
};

/// A table that stands for the one that is meant: `name` with a key and a column of data.
SourceTable example_table(const std::string& name);

/// What the project's files say of a table: columns as declared in schema/tables.yml, or else as the
/// versions' scripts make them, users as in schema/access.yml, key and writers as in the versions. Throws
/// Error (usage) where the project does not know the table.
SourceTable read_source_table(const Project& project, const std::string& name);

}  // namespace dbtool
