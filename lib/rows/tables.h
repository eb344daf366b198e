#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rows/scope.h"

namespace dbtool::rows {

/// What a table's rows must be like, as the server's catalog has it. All expressions are printed with
/// qualified names; columns are named by their place in Table::columns.
struct Column {
  std::string name;
  unsigned type = 0;
  int modifier = -1;
  std::string type_text;  ///< with its length, for a cast
  bool not_null = false;
  bool is_generated = false;
  bool from_sequence = false;      ///< identity, or a default from a sequence: the server numbers the rows
  bool has_fixed_default = false;  ///< one that gives the same value at any time
};

struct ForeignKey {
  std::vector<std::size_t> columns;
  std::string target;  ///< quoted and qualified
  unsigned target_oid = 0;
  bool target_is_partitioned = false;
  std::vector<std::string> target_columns;
  bool match_full = false;
};

struct Check {
  std::string name;
  std::string expression;
};

/// Which column follows from others, by a check.
struct Derived {
  std::size_t column;
  std::string expression;
  std::vector<std::size_t> others;
};

/// An ordinary table, or a partitioned one with all its partitions, which are not tables of their own here.
struct Table {
  struct Partition {
    std::string name;  ///< to be shown
    std::string sql_name;
    std::string condition;  ///< what its rows fulfil
  };
  unsigned oid = 0;
  std::string name;        ///< to be shown: without `public`
  std::string sql_name;    ///< quoted and qualified
  std::string plain_name;  ///< quoted, alone: what expressions over whole rows call it
  bool is_partitioned = false;
  std::vector<Column> columns;
  std::vector<Check> checks;
  std::vector<Derived> derived;
  std::vector<ForeignKey> foreign_keys;
  std::vector<std::vector<std::size_t>> unique_keys;
  std::vector<Partition> partitions;  ///< that hold rows themselves
};

struct Type {
  struct Attribute {
    unsigned type = 0;
    int modifier = -1;
    std::string type_text;
  };
  std::string name;  ///< unqualified: "int4"
  std::string text;  ///< for a cast or a call
  char kind = 'b';   ///< pg_type.typtype
  char category = 'U';
  bool is_system = false;
  bool not_null = false;  ///< of a domain
  unsigned base = 0;      ///< of a domain
  int base_modifier = -1;
  unsigned element = 0;  ///< of an array; of a range its subtype; of a multirange its range
  std::vector<std::string> labels;
  std::vector<Attribute> attributes;
  std::vector<std::string> checks;  ///< of a domain, over VALUE
};

struct Tables {
  std::vector<Table> tables;  ///< by qualified name
  std::map<unsigned, Type> types;
};

/// Reads them in one round trip. Inside a transaction; the search path is as before afterwards.
Tables read_tables(pg::Connection& connection, const Scope& scope);

}  // namespace dbtool::rows
