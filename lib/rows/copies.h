#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rows/tables.h"

namespace dbtool::rows {

/// How the value of a column is made different from the one it is copied from.
enum class Variation { none, text, hexadecimal, uuid, number, moment, day, bytes };

/// What is known of a table's rows that are to be copied, by column.
struct Originals {
  std::int64_t rows = 0;
  std::vector<Variation> variations;
  std::vector<std::int64_t> distinct;  ///< values
  std::vector<std::string> next;       ///< of numbers: the least that is above all
  std::vector<std::set<std::size_t>>
      holders;  ///< columns whose text holds the value of this one, in some row
};

/// One way to copy them; the next is tried when the server refuses it.
struct CopyPlan {
  bool spread = true;         ///< foreign keys over all rows of their targets; else as copied
  bool carry = true;          ///< a new key also to where the old one stands in other columns
  std::size_t candidate = 0;  ///< which column of a unique key is varied, the most promising first
  bool skip = true;           ///< copies with keys that are there already; deferrable keys do not allow it
};

inline constexpr const char* originals_table = "pg_temp.dbtool_originals";
/// The keys of the target of foreign key `at`, numbered from 0.
std::string targets_table(std::size_t at);

/// The variation that the type allows; `texts` are told apart later by what they hold.
Variation variation_of(const Column& column, const std::map<unsigned, Type>& types);

/// Makes the table of originals, of so many rows: `n` from 0, and c0, c1, … for the columns.
std::string originals_sql(const Table& table, std::int64_t most);
/// One row: count, then for each column distinct values, whether all are hexadecimal, and the number above
/// all.
std::string study_sql(const Table& table, const std::vector<Variation>& variations);

/// Makes copies from $1 to $2, both counted from the number of originals on. `targets` has the number of keys
/// of each foreign key, 0: it is left as copied. nullopt with `reason` when a unique key has no column that
/// can be varied.
std::optional<std::string> copies_sql(const Table& table, const Originals& originals,
                                      const std::vector<std::int64_t>& targets, const CopyPlan& plan,
                                      std::string& reason);

}  // namespace dbtool::rows
