#include "rows/row_maker.h"

#include <algorithm>
#include <utility>

#include "pg/quote.h"

namespace dbtool::rows {

RowMaker::RowMaker(const Table& table, const std::vector<Pool>& pools, const TypePools& types,
                   std::vector<std::optional<Keys>> targets, std::size_t made_before, Random random)
    : table_(table),
      pools_(pools),
      types_(types),
      targets_(std::move(targets)),
      random_(random),
      used_(table.unique_keys.size()),
      first_(made_before),
      drawn_(made_before) {}

void RowMaker::next_round() {
  for (auto& keys : used_) keys.clear();
  ++round_;
}

bool RowMaker::takes_null(std::size_t column) const {
  return !table_.columns[column].not_null && !types_.is_not_null(table_.columns[column].type);
}

bool RowMaker::wants_null() {
  // The first row has every value, so that each column is seen to be carried over.
  if (round_ == 0) return drawn_ > first_ + 1 && random_.once_in(5);
  return random_.once_in(round_ % 2 == 1 ? 2 : 6);
}

const ForeignKey* RowMaker::impossible() const {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const ForeignKey& key = table_.foreign_keys[i];
    if (!targets_[i] || !targets_[i]->empty()) continue;
    const auto nullable = [&](std::size_t column) { return takes_null(column); };
    const bool can_be_null = key.match_full ? std::all_of(key.columns.begin(), key.columns.end(), nullable)
                                            : std::any_of(key.columns.begin(), key.columns.end(), nullable);
    if (!can_be_null) return &key;
  }
  return nullptr;
}

bool RowMaker::is_left_out(const ForeignKey& key) const {
  return !targets_[static_cast<std::size_t>(&key - table_.foreign_keys.data())];
}

bool RowMaker::is_set_by_key(std::size_t column) const {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const std::vector<std::size_t>& columns = table_.foreign_keys[i].columns;
    if (targets_[i] && std::find(columns.begin(), columns.end(), column) != columns.end()) return true;
  }
  return false;
}

/// Sets the columns of a foreign key that are not set yet; false when it cannot be fulfilled.
bool RowMaker::refer(const ForeignKey& key, const Keys& keys, Values& values) {
  std::vector<std::size_t> open;
  for (const std::size_t column : key.columns) {
    if (values[column] == "null" && !key.match_full) return true;
    if (values[column].empty()) open.push_back(column);
  }
  const auto expression = [&](std::size_t i, const std::vector<std::string>& row) {
    return pg::quote_literal(row[i]) + "::" + table_.columns[key.columns[i]].type_text;
  };
  std::vector<const std::vector<std::string>*> fitting;
  for (const auto& row : keys) {
    bool fits = true;
    for (std::size_t i = 0; i < key.columns.size() && fits; ++i) {
      const std::string& set = values[key.columns[i]];
      fits = set.empty() || set == expression(i, row);
    }
    if (fits) fitting.push_back(&row);
  }
  const bool nulls_help =
      key.match_full ? open.size() == key.columns.size() &&
                           std::all_of(open.begin(), open.end(), [&](auto c) { return takes_null(c); })
                     : std::any_of(open.begin(), open.end(), [&](auto c) { return takes_null(c); });
  if (fitting.empty() || (nulls_help && wants_null())) {
    if (!nulls_help) return false;
    for (const std::size_t column : open) {
      if (takes_null(column)) values[column] = "null";
    }
    return true;
  }
  const auto& row = *fitting[round_ == 0 ? (drawn_ - 1) % fitting.size() : random_.below(fitting.size())];
  for (std::size_t i = 0; i < key.columns.size(); ++i) values[key.columns[i]] = expression(i, row);
  return true;
}

std::string RowMaker::value_of(std::size_t place, const std::map<std::size_t, Pool>* partition) {
  const Column& column = table_.columns[place];
  const Pool* pool = &pools_[place];
  if (partition != nullptr) {
    const auto own = partition->find(place);
    // A row that is judged by a condition takes no defaults, unless by leaving the column out.
    if (own == partition->end() && column.from_sequence) return "";
    if (own != partition->end()) pool = &own->second;
  } else if (column.from_sequence || (column.has_fixed_default && drawn_ > 1 && random_.once_in(4))) {
    return "default";
  }
  if (takes_null(place) && (pool->empty() || wants_null())) return "null";
  if (pool->empty()) return "";
  return round_ == 0 && partition == nullptr ? (*pool)[(drawn_ - 1) % pool->size()] : random_.pick(*pool);
}

std::optional<Values> RowMaker::try_draw(const std::map<std::size_t, Pool>* partition) {
  Values values(table_.columns.size());
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i] && !refer(table_.foreign_keys[i], *targets_[i], values)) return std::nullopt;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Column& column = table_.columns[i];
    if (column.is_generated || !values[i].empty()) continue;
    values[i] = value_of(i, partition);
    // Nothing is known to be right: the default may be.
    if (values[i].empty() && partition == nullptr) values[i] = "default";
  }
  for (const Derived& derived : table_.derived) derive(derived, values);
  return is_new(values) ? std::optional(std::move(values)) : std::nullopt;
}

/// Replaces the column's value by what the others give, where all are known.
void RowMaker::derive(const Derived& derived, Values& values) const {
  const Column& column = table_.columns[derived.column];
  if (column.is_generated || column.from_sequence || is_set_by_key(derived.column)) return;
  std::string others;
  for (const std::size_t place : derived.others) {
    if (values[place].empty() || values[place] == "default") return;
    others += (others.empty() ? "" : ", ") + ("(" + values[place] + ")::" + table_.columns[place].type_text) +
              " as " + pg::quote_identifier(table_.columns[place].name);
  }
  values[derived.column] = "(select (" + derived.expression + ")::" + column.type_text + " from (select " +
                           others + ") as " + table_.plain_name + ")";
}

bool RowMaker::is_new(const Values& values) {
  std::vector<std::vector<std::string>> keys(used_.size());
  for (std::size_t i = 0; i < used_.size(); ++i) {
    for (const std::size_t column : table_.unique_keys[i]) {
      const std::string& value = values[column];
      if (value.empty() || value == "null" || value == "default") {
        keys[i].clear();  // the server's to judge
        break;
      }
      keys[i].push_back(value);
    }
    if (!keys[i].empty() && used_[i].contains(keys[i])) return false;
  }
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (!keys[i].empty()) used_[i].insert(std::move(keys[i]));
  }
  return true;
}

std::optional<Values> RowMaker::draw() {
  constexpr int attempts = 60;
  ++drawn_;
  for (int i = 0; i < attempts; ++i) {
    if (i == 1) ++round_;  // what goes by turns has met a used key: by chance now
    if (auto values = try_draw(nullptr)) {
      if (i > 0) --round_;
      return values;
    }
  }
  --round_;
  return std::nullopt;
}

std::optional<Values> RowMaker::draw_for(const std::map<std::size_t, Pool>& partition) {
  ++drawn_;
  return try_draw(&partition);
}

std::string insert_sql(const Table& table, const std::vector<Values>& rows) {
  std::string names;
  std::string sql;
  for (const Values& row : rows) {
    std::string one;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty()) continue;
      if (&row == &rows.front())
        names += (names.empty() ? "" : ", ") + pg::quote_identifier(table.columns[i].name);
      one += (one.empty() ? "(" : ", ") + row[i];
    }
    sql += (sql.empty() ? "\nvalues " : ",\n       ") + one + ")";
  }
  if (names.empty()) return "insert into " + table.sql_name + " default values";
  return "insert into " + table.sql_name + " (" + names + ") overriding system value" + sql;
}

std::string insert_sql_if(const Table& table, const Values& row, const std::string& condition) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].empty()) continue;
    const std::string name = pg::quote_identifier(table.columns[i].name);
    names += (names.empty() ? "" : ", ") + name;
    values +=
        (values.empty() ? "" : ", ") + ("(" + row[i] + ")::" + table.columns[i].type_text) + " as " + name;
  }
  return "insert into " + table.sql_name + " (" + names +
         ") overriding system value\nselect * from (select " + values + ") as " + table.plain_name +
         " where " + condition;
}

}  // namespace dbtool::rows
