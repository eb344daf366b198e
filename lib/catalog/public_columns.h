#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/object.h"
#include "pg/connection.h"

namespace dbtool::catalog {

/// The columns of the tables of schema public, made while the server works on what was asked after them: with
/// the numbers of their types first, of which tens of thousands of columns have a few dozen, and to print one
/// is most of what a row costs.
class PublicColumns {
 public:
  PublicColumns() = default;
  PublicColumns(const PublicColumns&) = delete;
  PublicColumns& operator=(const PublicColumns&) = delete;

  /// Asks for them; `left_out`: name of a table without whose columns.
  pg::Statement rows(const pg::Parameter& left_out);
  /// Asks for the spellings of the types that were found.
  pg::Statement spellings() const;
  /// The columns, sorted, with the answer to that.
  Catalog spelled(const pg::Result& spellings) &&;

 private:
  void make(const pg::Result& rows);

  Catalog objects_;
  std::map<std::string, std::size_t, std::less<>> types_;  ///< number → place in the order in which they came
  std::vector<std::size_t> type_of_;                       ///< by column: such a place
};

}  // namespace dbtool::catalog
