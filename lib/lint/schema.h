#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lint/layered_map.h"
#include "sql/action.h"

namespace dbtool::lint {

struct ColumnState {
  std::string type{};  ///< in the server's spelling, with its length
  bool not_null = false;
};

struct ConstraintState {
  sql::Constraint definition{};  ///< its name is filled in as the server makes it
  bool validated = true;
  int added_in = 0;      ///< version
  int validated_in = 0;  ///< version whose script validated it; 0: valid from the start, or not valid yet
};

struct TableState {
  sql::ObjectName name{};
  std::string type = "table";  ///< "table", "view", "materialized view"
  std::map<std::string, ColumnState, std::less<>> columns{};
  bool columns_known = true;  ///< false: made by `create table as`, `like` or a parent: there are others
  std::vector<ConstraintState> constraints{};
  bool partitioned = false;
  bool temporary = false;
  sql::ObjectName partition_of{};
  int made_in = 0;      ///< version
  int made_by = 0;      ///< script, see Schema::begin
  bool filled = false;  ///< a script has put rows in since it was made

  const ColumnState* column(const std::string& column_name) const;
  const ConstraintState* constraint(const std::string& constraint_name) const;
};

struct IndexState {
  sql::ObjectName name{};
  sql::ObjectName table{};
  std::vector<std::string> columns{};  ///< empty text: an expression
  bool unique = false;
  bool partial = false;
  int made_in = 0;
  int made_by = 0;
};

/// What the scripts so far have made, as far as their parse trees tell: a light model of the schema. What it
/// does not know (made at run time, or by syntax that the parser does not take) is "unknown", never "not
/// there".
class Schema {
 public:
  /// A model that begins as this one and changes on its own; this one must live as long and not change
  /// meanwhile.
  Schema over() const;
  /// From here on actions belong to the script of `version`; what earlier scripts made is no longer new.
  void begin(int version);
  void apply(const sql::Action& action);

  /// nullptr: not known.
  const TableState* table(const sql::ObjectName& name) const;
  const IndexState* index(const sql::ObjectName& name) const;
  const ColumnState* column(const sql::ObjectName& table_name, const std::string& column_name) const;
  std::vector<const IndexState*> indexes_of(const sql::ObjectName& table_name) const;
  std::vector<const TableState*> tables() const;
  /// Tables whose foreign keys point to this one.
  std::vector<const TableState*> referencing(const sql::ObjectName& table_name) const;

  /// Whether the script that is being read made the table: no service knows it yet, and locks on it hurt
  /// nobody.
  bool is_new(const sql::ObjectName& table_name) const;
  /// Whether the table is new and no script has put rows in.
  bool is_empty(const sql::ObjectName& table_name) const;
  bool is_temporary(const sql::ObjectName& table_name) const;

  /// How volatile a function is that scripts or methods define: "volatile", "stable", "immutable"; nullopt:
  /// not known.
  std::optional<std::string> function_volatility(const std::string& name) const;
  /// Whether a default is evaluated for every row, with the functions known here.
  sql::Volatility default_volatility(const sql::Column& column) const;

  struct TypeState {
    std::string kind{};  ///< "enum", "domain", "composite"
    std::vector<std::string> values{};
    int made_in = 0;
    int made_by = 0;
  };
  const TypeState* type(const sql::ObjectName& name) const;
  bool is_new_type(const sql::ObjectName& name) const;

 private:
  void create_table(const sql::Action& action);
  void add_column(TableState& table, const sql::Column& column);
  void add_constraint(TableState& table, sql::Constraint constraint);
  void drop_column(TableState& table, const std::string& column_name);
  void drop_table(const sql::ObjectName& name);
  void rename_table(const sql::Action& action);
  void rename_column(const sql::Action& action);
  void add_index(const sql::Action& action);
  void alter_table(const sql::Action& action);
  void alter_constraint(const sql::Action& action);
  void alter_other(const sql::Action& action);

  int version_ = 0;
  int script_ = 0;
  /// Erases or changes indexes: `change` gets a copy and returns false to erase it.
  template <typename Change>
  void change_indexes(const sql::ObjectName& table, const Change& change);

  LayeredMap<TableState> tables_;
  LayeredMap<IndexState> indexes_;
  LayeredMap<TypeState> types_;
  LayeredMap<std::string> functions_;
};

}  // namespace dbtool::lint
