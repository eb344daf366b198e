#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/project.h"
#include "pg/connection.h"

namespace dbtool::call {

/// An argument as it was given. An argument that the function declares without a name is called by its number
/// ("1").
struct NamedValue {
  std::string name;
  std::optional<std::string> value;  ///< nullopt: null
};

/// A call, ready to be sent.
struct Call {
  std::string name;
  std::string sql;  ///< select * from "name"("a" => $1::type, …)
  std::vector<pg::Parameter> parameters;
  bool read_only = false;
  bool deprecated = false;
};

/// Methods that exist in a database at `version`, sorted by name.
std::vector<std::string> method_names(const Project& project, int version);

/// Makes the call of `function` as it is defined in a database at `version`; values in any order. Throws
/// Error(usage) that names the nearest right word for a function or argument that does not exist, and every
/// argument that is missing or given twice.
Call make_call(const Project& project, int version, const std::string& function,
               const std::vector<NamedValue>& values);

/// Runs it in a transaction of its own, which is read-only for a read method, as `role` unless that is empty.
pg::Result run_table(pg::Connection& connection, const Call& call, const std::string& role);

/// The same; the rows as a JSON array of objects, made by the server.
std::string run_json(pg::Connection& connection, const Call& call, const std::string& role);

}  // namespace dbtool::call
