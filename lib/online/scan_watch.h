#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace dbtool::online {

/// Finds batches of a declared migration that read the table instead of their key range.
class TableScanWatch {
 public:
  /// What a batch read of the walked table, and the rows of its range. Returns the fault in words once five
  /// in a row have read many times their range.
  std::optional<std::string> observe(std::int64_t rows_read, std::int64_t rows_of_range);

 private:
  int scanning_ = 0;
};

/// Finds the fault that makes every batch scan from the start: the rows read for each row moved grow from
/// batch to batch, for the part already done is read again every time.
class ScanWatch {
 public:
  /// What the last batch read (rows of user tables, by scan or index) and moved. Returns the fault in words
  /// once five batches in a row have grown.
  std::optional<std::string> observe(std::int64_t rows_read, std::int64_t rows_moved);

 private:
  int growing_ = 0;
  double first_ratio_ = 0;
  double last_ratio_ = 0;
  std::int64_t last_read_ = 0;
};

}  // namespace dbtool::online
