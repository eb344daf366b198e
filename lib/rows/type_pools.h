#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rows/hints.h"
#include "rows/tables.h"

namespace dbtool::rows {

/// Expressions of SQL, each of which gives a value of one type; never null, made without looking at any
/// clock.
using Pool = std::vector<std::string>;

/// How values are made.
struct Taste {
  std::uint64_t seed = 1;
  bool edges = true;        ///< also values at the borders of their types
  bool only_ascii = false;  ///< for a database that can't hold every character
};

/// Pools of values by type, of user-defined types and their nesting as well.
class TypePools {
 public:
  TypePools(pg::Connection& connection, const Tables& tables, Taste taste)
      : connection_(connection), tables_(tables), taste_(taste) {}

  /// Values of a type with a length (pg_attribute.atttypmod); `cast` is the type as SQL writes it.
  const Pool& of(unsigned type, int modifier, const std::string& cast);
  const Pool& of_column(const Column& column) { return of(column.type, column.modifier, column.type_text); }
  /// Values that may fulfil comparisons with what the hints hold; not all need be of the type.
  Pool hinted(unsigned oid, int modifier, const std::string& cast, const std::vector<Hints>& hints);
  /// Whether the type itself refuses null.
  bool is_not_null(unsigned type) const;
  const Taste& taste() const { return taste_; }

 private:
  Pool make(unsigned oid, int modifier, const std::string& cast);
  Pool make_literals(const Type& type, int modifier, const std::string& cast);
  Pool make_domain(const Type& type, const std::string& cast);
  Pool make_composite(const Type& type, const std::string& cast);
  Pool make_range(const Type& type, const std::string& cast);
  Pool make_multirange(const Type& type, const std::string& cast);
  Pool make_array(const Type& type, int modifier, const std::string& cast);
  Pool arrays_for(const Type& type, int modifier, const std::string& cast, const Hints& hints);
  Pool only_valid(const Pool& pool, const std::string& cast);
  const Type& type_of(unsigned oid) const;
  const Type& base_of(unsigned oid) const;
  std::string element_cast(const Type& type, const std::string& cast) const;

  pg::Connection& connection_;
  const Tables& tables_;
  Taste taste_;
  std::map<std::string, Pool> pools_;  ///< by cast
  std::set<std::string> under_way_;
};

/// A query that tells by an error whether the expression gives a value of the type.
std::string casts(const std::string& expression, const std::string& cast);

}  // namespace dbtool::rows
