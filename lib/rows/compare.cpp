#include "rows/compare.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace dbtool::rows {
namespace {

using Cells = std::vector<Cell>;
using Cells = std::vector<Cell>;

/// A column of both sides, by its place in each.
struct Shared {
  std::string name;
  std::size_t before;
  std::size_t after;
};

std::optional<std::size_t> place_of(const TableContents& table, const std::string& name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<std::string> key_names(const TableContents& table) {
  std::vector<std::string> names;
  for (const std::size_t place : table.key) names.push_back(table.columns[place].name);
  return names;
}

/// Compares one table that both sides have.
class TableComparison {
 public:
  TableComparison(const TableContents& before, const TableContents& after, const CompareRequest& request,
                  pg::Connection* now)
      : before_(before),
        after_(after),
        most_examples_(static_cast<std::size_t>(request.most_examples)),
        now_(now) {
    for (std::size_t i = 0; i < before.columns.size(); ++i) {
      const std::string& name = before.columns[i].name;
      if (const auto place = place_of(after, name)) {
        shared_.push_back({name, i, *place});
      } else if (!request.only_common) {
        difference_.gone_columns.push_back(name);
      }
    }
    for (const TableContents::Column& column : after.columns) {
      if (!request.only_common && !place_of(before, column.name))
        difference_.new_columns.push_back(column.name);
    }
    difference_.rows_before = before.row_count;
    difference_.rows_after = after.row_count;
  }

  std::optional<TableDifference> run() {
    const std::vector<std::string> key = key_names(before_);
    if (!key.empty() && key == key_names(after_)) {
      by_key();
    } else {
      by_whole_row();
    }
    const bool differs = difference_.lost + difference_.added + difference_.changed > 0 ||
                         !difference_.gone_columns.empty() || !difference_.new_columns.empty();
    return differs ? std::optional(std::move(difference_)) : std::nullopt;
  }

 private:
  static std::map<Cells, const Cells*> indexed(const TableContents& table) {
    std::map<Cells, const Cells*> rows;
    for (const Cells& row : table.rows) {
      Cells key;
      for (const std::size_t place : table.key) key.push_back(row[place]);
      rows.emplace(std::move(key), &row);
    }
    return rows;
  }

  void by_key() {
    const std::map<Cells, const Cells*> old_rows = indexed(before_);
    const std::map<Cells, const Cells*> new_rows = indexed(after_);
    for (const auto& [key, row] : old_rows) {
      const auto found = new_rows.find(key);
      if (found == new_rows.end()) {
        ++difference_.lost;
        if (difference_.lost_rows.size() < most_examples_)
          difference_.lost_rows.push_back(lost_row(key, *row));
      } else {
        compare_rows(key, *row, *found->second);
      }
    }
    for (const auto& [key, row] : new_rows) {
      if (old_rows.contains(key)) continue;
      ++difference_.added;
      if (difference_.added_rows.size() < most_examples_)
        difference_.added_rows.push_back(added_row(key, *row));
    }
  }

  /// The value as the other side keeps it: a hash there compares with a hash only.
  static Cell comparable(const TableContents& table, std::size_t place, const Cells& row, bool hashed) {
    const bool is_key = std::find(table.key.begin(), table.key.end(), place) != table.key.end();
    const Cell& cell = row[place];
    return hashed && !table.is_hashed && !is_key && cell ? Cell(kept_hash(*cell)) : cell;
  }

  bool differs(const Shared& column, const Cells& old_row, const Cells& new_row) const {
    const bool hashed = before_.is_hashed || after_.is_hashed;
    return comparable(before_, column.before, old_row, hashed) !=
           comparable(after_, column.after, new_row, hashed);
  }

  void compare_rows(const Cells& key, const Cells& old_row, const Cells& new_row) {
    std::vector<Shared> changed;
    for (const Shared& column : shared_) {
      if (differs(column, old_row, new_row)) changed.push_back(column);
    }
    if (changed.empty()) return;
    ++difference_.changed;
    bool shows_new_column = false;
    for (const Shared& column : changed) shows_new_column = count(column.name) || shows_new_column;
    // Each column that changed is to be seen in one example at least.
    if (difference_.changed_rows.size() >= most_examples_ && !shows_new_column) return;
    RowExample example{named(key), {}};
    const Cells present = after_.is_hashed ? fetched(key) : new_row;
    for (const Shared& column : changed) {
      RowExample::Value value{column.name, {}, {}, !before_.is_hashed};
      if (!before_.is_hashed) value.before = old_row[column.before];
      if (column.after < present.size()) value.after = present[column.after];
      example.values.push_back(std::move(value));
    }
    difference_.changed_rows.push_back(std::move(example));
  }

  /// True for the first row in which the column changed.
  bool count(const std::string& column) {
    for (auto& [name, rows] : difference_.changed_columns) {
      if (name != column) continue;
      ++rows;
      return false;
    }
    difference_.changed_columns.emplace_back(column, 1);
    return true;
  }

  Cells fetched(const Cells& key) {
    return now_ == nullptr || after_.key.empty() ? Cells() : fetch_row(*now_, after_, key);
  }

  std::vector<std::pair<std::string, Cell>> named(const Cells& key) const {
    std::vector<std::pair<std::string, Cell>> pairs;
    for (std::size_t i = 0; i < key.size(); ++i)
      pairs.emplace_back(before_.columns[before_.key[i]].name, key[i]);
    return pairs;
  }

  RowExample lost_row(const Cells& key, const Cells& row) const {
    RowExample example{named(key), {}};
    if (before_.is_hashed) return example;
    for (std::size_t i = 0; i < row.size(); ++i)
      example.values.push_back({before_.columns[i].name, row[i], {}});
    return example;
  }

  RowExample added_row(const Cells& key, const Cells& row) {
    RowExample example{named(key), {}};
    const Cells present = after_.is_hashed ? fetched(key) : row;
    for (std::size_t i = 0; i < present.size(); ++i)
      example.values.push_back({after_.columns[i].name, {}, present[i]});
    return example;
  }

  /// Rows are what they hold in the columns of both sides, and count as often as they are there.
  void by_whole_row() {
    const bool hashed = before_.is_hashed || after_.is_hashed;
    struct Sides {
      std::int64_t before = 0, after = 0;
    };
    std::map<Cells, Sides> rows;
    for (const Cells& row : before_.rows) {
      Cells cells;
      for (const Shared& column : shared_) cells.push_back(whole(before_, column.before, row, hashed));
      ++rows[std::move(cells)].before;
    }
    for (const Cells& row : after_.rows) {
      Cells cells;
      for (const Shared& column : shared_) cells.push_back(whole(after_, column.after, row, hashed));
      ++rows[std::move(cells)].after;
    }
    for (const auto& [cells, sides] : rows) {
      const std::int64_t lost = std::max<std::int64_t>(0, sides.before - sides.after);
      const std::int64_t added = std::max<std::int64_t>(0, sides.after - sides.before);
      difference_.lost += lost;
      difference_.added += added;
      if (hashed) continue;
      if (lost > 0 && difference_.lost_rows.size() < most_examples_)
        difference_.lost_rows.push_back(whole_example(cells, true));
      if (added > 0 && difference_.added_rows.size() < most_examples_)
        difference_.added_rows.push_back(whole_example(cells, false));
    }
  }

  /// As `comparable`, but with the key's values hashed too, which the other side may not keep as a key.
  static Cell whole(const TableContents& table, std::size_t place, const Cells& row, bool hashed) {
    if (!hashed || !row[place]) return row[place];
    const bool is_key = std::find(table.key.begin(), table.key.end(), place) != table.key.end();
    return table.is_hashed && !is_key ? row[place] : Cell(kept_hash(*row[place]));
  }

  RowExample whole_example(const Cells& cells, bool lost) const {
    RowExample example;
    for (std::size_t i = 0; i < cells.size(); ++i)
      example.values.push_back({shared_[i].name, lost ? cells[i] : Cell(), lost ? Cell() : cells[i]});
    return example;
  }

  const TableContents& before_;
  const TableContents& after_;
  std::size_t most_examples_;
  pg::Connection* now_;
  std::vector<Shared> shared_;
  TableDifference difference_;
};

TableDifference one_sided(const TableContents& table, const std::string& name, bool gone) {
  TableDifference difference;
  difference.table = name;
  difference.is_gone = gone;
  difference.is_new = !gone;
  (gone ? difference.rows_before : difference.rows_after) = table.row_count;
  return difference;
}

bool goes_back(const SequenceState& before, const SequenceState& after) {
  if (!before.last_value) return false;
  if (!after.last_value) return true;
  return before.increment > 0 ? *after.last_value < *before.last_value
                              : *after.last_value > *before.last_value;
}

}  // namespace

Comparison compare(const Contents& before, const Contents& after, const CompareRequest& request,
                   pg::Connection* now) {
  Comparison comparison;
  for (const auto& [name, table] : before.tables) {
    const auto other = after.tables.find(name);
    if (other == after.tables.end()) {
      if (!request.only_common) comparison.tables.push_back(one_sided(table, name, true));
    } else if (auto difference = TableComparison(table, other->second, request, now).run()) {
      difference->table = name;
      comparison.tables.push_back(std::move(*difference));
    }
  }
  for (const auto& [name, table] : after.tables) {
    if (!request.only_common && !before.tables.contains(name))
      comparison.tables.push_back(one_sided(table, name, false));
  }
  for (const auto& [name, sequence] : before.sequences) {
    const auto other = after.sequences.find(name);
    if (other == after.sequences.end() || !goes_back(sequence, other->second)) continue;
    comparison.sequences.push_back({name, *sequence.last_value, other->second.last_value});
  }
  return comparison;
}

}  // namespace dbtool::rows
