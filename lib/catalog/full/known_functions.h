#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/object.h"
#include "pg/connection.h"

namespace dbtool::catalog {

/// The functions that the last reading of a database has found, so that the next one need only read those
/// that have changed: they, with their bodies, are half of what a reading costs.
///
/// A function is taken over when its row in pg_proc is the same version of the row (OID and xmin), and the
/// row alone decides how the function is printed but for names: those of schemas, languages, roles and types,
/// the comments, what extensions and range types own, and what goes with an extension. When any of these has
/// changed, all is read anew. A type that came since cannot be named by a row that is older than it, nor one
/// that went by a row that is still there. Functions with default values or a body of SQL, which print the
/// names of anything, are always read.
///
/// For one database and one request; nobody else may change that database while it is read.
class KnownFunctions {
 public:
  /// What take_over() wants to know: three statements.
  std::vector<pg::Statement> look() const;
  /// Forgets what may have changed since; the answers are those of look().
  void take_over(const pg::Result& seen, const pg::Result& types, const pg::Result& rows);
  /// OIDs of the functions that must be read, as an array's text.
  const std::string& to_read() const { return to_read_; }
  /// All functions in the order of their identities; `read` are those that were read, `oids` theirs.
  std::vector<Object> complete(const std::vector<std::string>& oids, std::vector<Object> read);

 private:
  struct Function {
    std::string version;           ///< of its row
    bool is_plain = false;         ///< no default values, no body of SQL: its row decides
    std::optional<Object> object;  ///< absent: not the project's
  };
  /// Versions of rows by OID.
  using Versions = std::map<std::string, std::string>;
  bool has_changed(const Versions& types) const;

  std::map<std::string, Function> functions_;  ///< by OID; of a reading that failed they are not complete
  bool is_complete_ = false;
  std::string surroundings_, to_read_;
  Versions types_;
};

}  // namespace dbtool::catalog
