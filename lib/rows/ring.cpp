#include "rows/ring.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dbtool::rows {
namespace {

/// A column of one of the ring's tables.
using RingCell = std::pair<std::size_t, std::size_t>;

/// Which cells must hold one value, since a foreign key of the ring joins them.
class JoinedCells {
 public:
  explicit JoinedCells(const std::vector<RingTable>& ring) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      for (const ForeignKey& key : ring[i].table->foreign_keys) {
        for (std::size_t j = 0; j < ring.size(); ++j) {
          if (ring[j].table->oid == key.target_oid && ring[i].maker.is_left_out(key))
            join(i, j, key, *ring[j].table);
        }
      }
    }
  }

  /// The cells in groups; those of a group's columns that refer to nothing come first.
  std::vector<std::vector<RingCell>> groups() {
    std::map<RingCell, std::vector<RingCell>> by_root;
    for (const auto& [cell, parent] : parents_) by_root[root(cell)].push_back(cell);
    std::vector<std::vector<RingCell>> all;
    for (auto& [ignored, cells] : by_root) {
      std::stable_sort(cells.begin(), cells.end(),
                       [&](const RingCell& a, const RingCell& b) { return !refers_[a] && refers_[b]; });
      all.push_back(std::move(cells));
    }
    return all;
  }

 private:
  void join(std::size_t from, std::size_t to, const ForeignKey& key, const Table& target) {
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
      const auto column = std::find_if(target.columns.begin(), target.columns.end(),
                                       [&](const Column& c) { return c.name == key.target_columns[i]; });
      const RingCell one{from, key.columns[i]};
      const RingCell other{to, static_cast<std::size_t>(column - target.columns.begin())};
      refers_[one] = true;
      for (const RingCell& cell : {one, other}) parents_.try_emplace(cell, cell);
      parents_[root(one)] = root(other);
    }
  }
  RingCell root(RingCell cell) {
    while (parents_[cell] != cell) cell = parents_[cell];
    return cell;
  }

  std::map<RingCell, RingCell> parents_;
  std::map<RingCell, bool> refers_;
};

bool is_value(const std::string& expression) {
  return !expression.empty() && expression != "null" && expression != "default";
}

}  // namespace

std::optional<std::string> ring_sql(std::vector<RingTable>& ring) {
  std::vector<Values> rows;
  for (RingTable& one : ring) {
    auto row = one.maker.draw();
    if (!row) return std::nullopt;
    rows.push_back(std::move(*row));
  }
  for (const std::vector<RingCell>& cells : JoinedCells(ring).groups()) {
    // A value that a key outside the ring has set must stay.
    auto source = std::find_if(cells.begin(), cells.end(), [&](const RingCell& cell) {
      return ring[cell.first].maker.is_set_by_key(cell.second) && is_value(rows[cell.first][cell.second]);
    });
    if (source == cells.end()) source = cells.begin();
    std::string value = rows[source->first][source->second];
    if (!is_value(value)) {
      if (!ring[source->first].maker.has_values(source->second)) return std::nullopt;
      value = ring[source->first].maker.pick(source->second);
    }
    for (const auto& [table, column] : cells)
      rows[table][column] = "(" + value + ")::" + ring[table].table->columns[column].type_text;
  }
  if (ring.size() == 1) return insert_sql(*ring.front().table, {rows.front()});
  std::string sql;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    sql += (i == 0 ? "with row" : "),\nrow") + std::to_string(i) + " as (";
    sql += insert_sql(*ring[i].table, {rows[i]});
  }
  return sql + ")\nselect 1";
}

}  // namespace dbtool::rows
