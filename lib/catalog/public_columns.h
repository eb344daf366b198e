#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/columns.h"
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
  /// The columns with the answer to that.
  Columns spelled(const pg::Result& spellings) &&;

 private:
  /// Number and modifier of a type.
  using Type = std::pair<std::string_view, std::string_view>;

  void make(const pg::Result& rows);

  /// A column whose type is still to be spelled.
  struct Found {
    Column column;
    std::size_t type = 0;  ///< place in the order in which the types came
  };

  Columns columns_;
  std::vector<Found> found_;
  std::map<Type, std::size_t> types_;  ///< → that place
};

}  // namespace dbtool::catalog
