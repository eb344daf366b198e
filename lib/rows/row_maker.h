#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rows/column_pools.h"
#include "rows/random.h"
#include "rows/tables.h"

namespace dbtool::rows {

/// One row to be: an expression a column; "" where the column is left out.
using Values = std::vector<std::string>;
/// Keys of a foreign key's target, as text.
using Keys = std::vector<std::vector<std::string>>;

/// Makes rows for one table: keys that the target of each foreign key has, the rest from the pools.
class RowMaker {
 public:
  /// `targets` holds the keys that are there, one list a foreign key; nullopt: the key is left to the
  /// caller. `made_before` rows are in the table already, by another maker.
  RowMaker(const Table& table, const std::vector<Pool>& pools, const TypePools& types,
           std::vector<std::optional<Keys>> targets, std::size_t made_before, Random random);

  /// Forgets which keys it has given away, and uses more nulls and chance from now on.
  void next_round();
  /// nullopt when chance gave none that could fit.
  std::optional<Values> draw();
  /// A row for the partition with these pools.
  std::optional<Values> draw_for(const std::map<std::size_t, Pool>& partition);
  /// A foreign key that every row must fulfil and none can, since nothing is there to refer to.
  const ForeignKey* impossible() const;

  /// Whether the key is left to the caller.
  bool is_left_out(const ForeignKey& key) const;
  /// Whether a key that is not left to the caller sets the column.
  bool is_set_by_key(std::size_t column) const;
  std::string pick(std::size_t column) { return random_.pick(pools_[column]); }
  bool has_values(std::size_t column) const { return !pools_[column].empty(); }

 private:
  std::optional<Values> try_draw(const std::map<std::size_t, Pool>* partition);
  bool refer(const ForeignKey& key, const Keys& keys, Values& values);
  std::string value_of(std::size_t place, const std::map<std::size_t, Pool>* partition);
  void derive(const Derived& derived, Values& values) const;
  bool is_new(const Values& values);
  bool takes_null(std::size_t column) const;
  bool wants_null();

  const Table& table_;
  const std::vector<Pool>& pools_;
  const TypePools& types_;
  std::vector<std::optional<Keys>> targets_;
  Random random_;
  std::vector<std::set<std::vector<std::string>>> used_;
  std::size_t first_, drawn_;  ///< rows that others have drawn before, and all rows
  int round_ = 0;
};

/// insert into … of whole rows, all with values for the same columns.
std::string insert_sql(const Table& table, const std::vector<Values>& rows);
/// insert into … of one row, if it fulfils the condition.
std::string insert_sql_if(const Table& table, const Values& row, const std::string& condition);

}  // namespace dbtool::rows
