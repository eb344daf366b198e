#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lint/shared_map.h"
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
  bool default_partition = false;  ///< takes the rows that fit into no other one
  int made_in = 0;                 ///< version
  int made_by = 0;                 ///< script, see Schema::begin
  bool filled = false;             ///< a script has put rows in since it was made

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
  std::vector<std::string> keys{};  ///< of sql::Action::keys
  std::string method = "btree";
  std::string predicate{};  ///< in normal form
  bool includes = false;
  bool of_constraint = false;
};

/// Triggers, sequences and schemas.
struct OtherState {
  std::string kind{};       ///< "trigger", "sequence", "schema"
  std::string text{};       ///< as people write it: "t_changes on t"
  sql::ObjectName table{};  ///< with which it goes; may be empty
  std::string column{};     ///< with which it goes, too
};

/// What the scripts so far have made, as far as their parse trees tell: a light model of the schema. What it
/// does not know (made at run time, or by syntax that the parser does not take) is "unknown", never "not
/// there". Copies are cheap, and share what they have in common.
class Schema {
 public:
  /// From here on actions belong to the script of `version`; what earlier scripts made is no longer new.
  void begin(int version);
  void apply(const sql::Action& action);

  /// nullptr: not known.
  const TableState* table(const sql::ObjectName& name) const;
  const IndexState* index(const sql::ObjectName& name) const;
  const ColumnState* column(const sql::ObjectName& table_name, const std::string& column_name) const;
  std::vector<const IndexState*> indexes_of(const sql::ObjectName& table_name) const;
  std::vector<const TableState*> tables() const;
  /// Of a partitioned table; nullptr: none is known.
  const TableState* default_partition_of(const sql::ObjectName& table_name) const;
  /// Tables that `other` lacks or has otherwise, in the time that the differences of two copies take.
  std::vector<const TableState*> tables_unlike(const Schema& other) const;
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
    bool checked = false;  ///< a domain with constraints of its own
  };
  /// Whether a column's type, as the server spells it, is a domain whose constraints every value must meet.
  bool is_checked_domain(const std::string& type_text) const;
  const TypeState* type(const sql::ObjectName& name) const;
  bool is_new_type(const sql::ObjectName& name) const;

  const SharedMap<IndexState>& indexes() const { return indexes_; }
  const SharedMap<TypeState>& types() const { return types_; }
  /// Functions that scripts and methods define, by name without schema.
  const SharedMap<std::string>& functions() const { return functions_; }
  const SharedMap<OtherState>& others() const { return others_; }
  bool is_new_index(const IndexState& index) const { return index.made_by == script_; }
  /// Those that the script that is being read made, by name.
  std::vector<const IndexState*> new_indexes() const;

 private:
  TableState& change(const sql::ObjectName& name);
  void put_index(IndexState index);
  void erase_index(const std::string& key);
  template <class Change>
  void change_indexes_of(const sql::ObjectName& table_name, const Change& change);
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
  void rename_other(const sql::Action& action);
  void change_types(const sql::Action& action);
  void change_others(const sql::Action& action);

  int version_ = 0;
  int script_ = 0;
  SharedMap<TableState> tables_;
  SharedMap<IndexState> indexes_;
  SharedMap<std::set<std::string>> index_keys_;  ///< of the indexes of each table
  std::vector<std::string> new_index_keys_;      ///< made by this script; some may be gone again
  SharedMap<TypeState> types_;
  SharedMap<std::string> functions_;
  SharedMap<OtherState> others_;  ///< by kind and name
};

}  // namespace dbtool::lint
