#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pg_result;

namespace dbtool::pg {

/// The rows of one statement; a cheap handle that may be copied. Rows and columns count from 0.
class Result {
 public:
  Result() = default;
  explicit Result(pg_result* result);

  int rows() const;
  int columns() const;
  std::string column_name(int column) const;
  /// OID of the column's type.
  unsigned column_type(int column) const;
  bool is_null(int row, int column) const;
  /// "" for null.
  std::string_view text(int row, int column) const;
  std::optional<std::string> optional_text(int row, int column) const;
  std::int64_t integer(int row, int column) const;  ///< throws Error when it is none
  double number(int row, int column) const;
  bool boolean(int row, int column) const;  ///< false for null
  /// Rows that an insert, update or delete touched.
  std::int64_t affected() const;
  std::string command_tag() const;

 private:
  std::shared_ptr<pg_result> result_;
};

}  // namespace dbtool::pg
