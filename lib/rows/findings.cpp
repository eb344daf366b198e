#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "rows/compare.h"

namespace dbtool::rows {
namespace {

constexpr std::size_t longest_value = 60;
constexpr std::size_t most_columns = 4;

/// Cut at a character's border.
std::string shortened(const std::string& text) {
  if (text.size() <= longest_value) return text;
  std::size_t end = longest_value;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string shown(const Cell& cell) {
  return cell ? "'" + shortened(*cell) + "'" : "null";
}

/// The value, from where it begins to differ from the other one.
std::string shown_beside(const Cell& cell, const Cell& other) {
  if (!cell || !other || std::max(cell->size(), other->size()) <= longest_value) return shown(cell);
  const auto differs = std::mismatch(cell->begin(), cell->end(), other->begin(), other->end()).first;
  auto start = static_cast<std::size_t>(differs - cell->begin());
  start = start > longest_value / 3 ? start - longest_value / 3 : 0;
  while (start > 0 && start < cell->size() && (static_cast<unsigned char>((*cell)[start]) & 0xC0U) == 0x80U)
    --start;
  return std::string("'") + (start > 0 ? "…" : "") + shortened(cell->substr(start)) + "'";
}

std::string key_text(const RowExample& row) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : row.key) parts.push_back(column + " = " + shown(value));
  return join(parts, ", ");
}

/// The row by its key and its first further values.
std::string row_text(const RowExample& row, bool lost) {
  std::vector<std::string> parts;
  if (!row.key.empty()) parts.push_back(key_text(row));
  std::size_t columns = 0;
  for (const RowExample::Value& value : row.values) {
    bool is_key = false;
    for (const auto& [column, ignored] : row.key) is_key = is_key || column == value.column;
    if (is_key) continue;
    if (columns++ == most_columns) {
      parts.emplace_back("…");
      break;
    }
    parts.push_back(value.column + " = " + shown(lost ? value.before : value.after));
  }
  return parts.empty() ? "" : "(" + join(parts, ", ") + ")";
}

std::string rows_text(std::int64_t rows) {
  return rows == 1 ? "1 row" : fmt::format("{} rows", rows);
}

Finding finding(std::string rule, const std::string& object, std::string fact, std::string expected,
                std::string found, std::string message) {
  Finding result;
  result.rule = std::move(rule);
  result.object = object;
  result.fact = std::move(fact);
  result.expected = std::move(expected);
  result.found = std::move(found);
  result.message = std::move(message);
  return result;
}

std::string for_example(const std::string& row) {
  return row.empty() ? "" : ", such as " + row;
}

void add_rows(const TableDifference& difference, const std::string& object, std::vector<Finding>& all) {
  if (difference.lost > 0) {
    const std::string row = difference.lost_rows.empty() ? "" : row_text(difference.lost_rows.front(), true);
    all.push_back(finding("rows-lost", object, "rows", row.empty() ? rows_text(difference.rows_before) : row,
                          "no such row",
                          fmt::format("{} of {} in {} lost{}.", difference.lost,
                                      rows_text(difference.rows_before), object, for_example(row))));
  }
  if (difference.added > 0) {
    const std::string row =
        difference.added_rows.empty() ? "" : row_text(difference.added_rows.front(), false);
    all.push_back(finding("rows-added", object, "rows", "no such row",
                          row.empty() ? rows_text(difference.rows_after) : row,
                          fmt::format("{} came into {} that had not been there{}.",
                                      rows_text(difference.added), object, for_example(row))));
  }
}

/// The example in which that column changed.
const RowExample::Value* example_of(const TableDifference& difference, const std::string& column,
                                    const RowExample*& row) {
  for (const RowExample& one : difference.changed_rows) {
    for (const RowExample::Value& value : one.values) {
      if (value.column != column) continue;
      row = &one;
      return &value;
    }
  }
  return nullptr;
}

void add_changed(const TableDifference& difference, const std::string& object, std::vector<Finding>& all) {
  for (const auto& [column, rows] : difference.changed_columns) {
    const RowExample* row = nullptr;
    const RowExample::Value* value = example_of(difference, column, row);
    if (value == nullptr) continue;
    const std::string before =
        value->is_before_known ? shown_beside(value->before, value->after) : "another value";
    const std::string after = shown_beside(value->after, value->before);
    all.push_back(finding("rows-changed", object, column, before, after,
                          fmt::format("{} changed in {} of {}: where {}, {} was {} and is {}.", column,
                                      rows_text(rows), object, key_text(*row), column, before, after)));
  }
}

}  // namespace

std::vector<Finding> findings(const Comparison& comparison) {
  std::vector<Finding> all;
  for (const TableDifference& difference : comparison.tables) {
    const std::string object = "table " + difference.table;
    if (difference.is_gone) {
      all.push_back(finding("contents-table-gone", object, "table", rows_text(difference.rows_before),
                            "no table",
                            fmt::format("{} is gone with {}.", object, rows_text(difference.rows_before))));
    }
    if (difference.is_new) {
      all.push_back(finding("contents-table-new", object, "table", "no table",
                            rows_text(difference.rows_after),
                            fmt::format("{} is new, with {}.", object, rows_text(difference.rows_after))));
    }
    for (const std::string& column : difference.gone_columns)
      all.push_back(finding("contents-column-gone", object, column, "the column", "no column",
                            fmt::format("Column {} of {} is gone with its values.", column, object)));
    for (const std::string& column : difference.new_columns)
      all.push_back(finding("contents-column-new", object, column, "no column", "the column",
                            fmt::format("Column {} of {} is new.", column, object)));
    add_rows(difference, object, all);
    add_changed(difference, object, all);
  }
  for (const SequenceDifference& sequence : comparison.sequences) {
    const std::string object = "sequence " + sequence.sequence;
    const std::string after = sequence.after ? std::to_string(*sequence.after) : "its start";
    all.push_back(
        finding("sequence-reset", object, "last value", std::to_string(sequence.before), after,
                fmt::format("{} had given numbers up to {} and is back at {}: it would give them again.",
                            object, sequence.before, after)));
  }
  return all;
}

}  // namespace dbtool::rows
