#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parse.h"

namespace dbtool::sql {

/// A relation, function or type as SQL names it.
struct ObjectName {
  std::string schema{};  ///< empty: by search_path, which is public
  std::string name{};

  bool empty() const { return name.empty(); }
  /// For comparing and looking up: schema public is left out.
  std::string key() const { return schema.empty() || schema == "public" ? name : schema + "." + name; }
  /// As SQL takes it, quoted where needed.
  std::string text() const;
  bool operator==(const ObjectName& other) const {
    const auto is_public = [](const std::string& one) { return one.empty() || one == "public"; };
    return name == other.name && (schema == other.schema || (is_public(schema) && is_public(other.schema)));
  }
};

enum class ConstraintKind { check, unique, primary_key, foreign_key, exclusion };

/// A constraint of a table or of one column, as it was written.
struct Constraint {
  ConstraintKind kind{};
  std::string name{};                  ///< empty: the server makes one
  std::vector<std::string> columns{};  ///< its own; of a column's constraint: that column
  ObjectName referenced{};             ///< of a foreign key
  std::vector<std::string> referenced_columns{};
  std::string expression{};   ///< of a check: what stands between its parentheses
  std::string text{};         ///< from `check`, `foreign key` … on, without the name, without `not valid`
  std::string not_null_of{};  ///< the column x of `check (x is not null)`; also as one term of an `and`
  bool not_valid = false;
  std::string using_index{};  ///< `unique using index …`
};

/// What a default costs when a column is added with it.
enum class Volatility {
  none,      ///< no default
  constant,  ///< evaluated once: constants and stable functions
  changes,   ///< evaluated for every row: a function known as volatile
  unknown    ///< a function that is not known; PostgreSQL takes functions as volatile unless told otherwise
};

/// A column as `create table` or `add column` defines it.
struct Column {
  std::string name{};
  std::string type{};  ///< in the server's spelling, with its length: "character varying(20)"
  bool not_null = false;
  bool primary_key = false;
  std::string default_text{};  ///< as written; empty: none
  Volatility default_volatility = Volatility::none;
  std::vector<std::string> default_functions{};  ///< called by the default, without schema
  bool serial = false;                           ///< `type` is then what stands for it: bigserial is bigint
  bool identity = false;
  std::string generated{};  ///< expression of a stored generated column
  std::vector<Constraint> constraints{};
};

enum class ActionKind {
  other,  ///< something that no rule asks for by kind; see the tree
  // tables and what belongs to them; `table` is the table
  create_table,     ///< `columns`, `constraints`; `parent` when a partition or `like`/`inherits` child;
                    ///< of a partition `expression` is its bound, empty: default
  create_table_as,  ///< also `select … into`
  drop_table,
  rename_table,         ///< `new_name`
  add_column,           ///< `column`
  drop_column,          ///< `name`
  rename_column,        ///< `name`, `new_name`
  alter_column_type,    ///< `name`, `type`, `expression` of `using`, `new_name` the collation
  set_default,          ///< `name`, `expression`
  drop_default,         ///< `name`
  set_not_null,         ///< `name`
  drop_not_null,        ///< `name`
  add_identity,         ///< `name`
  column_setting,       ///< `name`: statistics, storage, compression, options
  add_constraint,       ///< `constraint`
  validate_constraint,  ///< `name`
  drop_constraint,      ///< `name`
  rename_constraint,    ///< `name`, `new_name`
  attach_partition,     ///< `other` is the partition; `expression` its bound, empty: default
  detach_partition,     ///< `other` is the partition; `concurrently`; `finalize` in `type`
  set_persistence,      ///< `type` is "logged" or "unlogged"
  set_tablespace,       ///< of a table, index or materialized view; `new_name` the tablespace
  set_access_method,
  set_schema,      ///< `new_name`
  table_setting,   ///< storage parameters, replica identity, cluster on …; `type` says which
  row_security,    ///< enable, disable, force
  change_owner,    ///< of anything
  create_trigger,  ///< `name`; `other` is the referenced table of a constraint trigger
  drop_trigger,    ///< `name`
  toggle_trigger,  ///< enable or disable; `name`, empty: all
  create_rule,
  create_policy,  ///< also alter and drop
  inherit,        ///< also no inherit; `other` is the parent
  // indexes; `table` where the statement names it
  create_index,  ///< `name`, `columns`, `unique`, `concurrently`, `expression` its predicate
  drop_index,    ///< `name` in `other`
  rename_index,  ///< `other`, `new_name`
  reindex,       ///< `table`, or `other` an index, or `type` schema/database/system with `name`
  // whole tables
  cluster,  ///< `table` may be empty: all
  vacuum,   ///< `table` may be empty: all; `full`
  analyze,
  truncate,
  lock_table,    ///< `lock_mode`
  refresh_view,  ///< materialized view in `table`; `concurrently`
  // data
  select_rows,  ///< `others` are the tables read
  insert_rows,  ///< `has_rows_from`: from a query
  update_rows,  ///< `has_where`
  delete_rows,  ///< `has_where`
  merge_rows,
  copy_rows,
  // other objects; the object is in `other`
  create_view,        ///< also materialized: `type` "materialized view"
  drop_object,        ///< `type`: "view", "function", "type", "schema", …
  create_function,    ///< `type`: its volatility
  create_type,        ///< also enums, composite types and domains
  add_enum_value,     ///< `new_name`
  rename_enum_value,  ///< `name`, `new_name`
  alter_domain,       ///< `constraint` when one is added
  rename_object,      ///< `type`, `new_name`; of `table`, when it is part of one
  create_sequence,    ///< `table`; `other` and `name` the table and column that own it; `type` "alter": was
                      ///< there already
  create_extension,
  create_schema,  ///< `name`
  grant,  ///< also revoke, as `type` says; `object_type`: "table", "function", …, "role", "default";
          ///< `columns` are the rights, none: all; `name` the schema of `all … in schema`
  comment,
  transaction,    ///< begin, commit, rollback, savepoint …; `type` the command
  call_function,  ///< `do`; function bodies are read on their own
};

/// One thing that a statement does. A statement with several (`alter table … , …`) is several actions.
struct Action {
  ActionKind kind = ActionKind::other;
  ObjectName table{};                 ///< the table acted on
  std::string object_type = "table";  ///< what `table` is as far as the statement says: "table", "view",
                                      ///< "index", "materialized view", "sequence", "foreign table", "type"
  ObjectName other{};                 ///< the second object, by kind
  std::vector<ObjectName> others{};   ///< further tables: read by a query
  std::string name{};                 ///< column, constraint, trigger …
  std::string new_name{};
  std::string type{};
  std::string expression{};
  std::string lock_mode{};  ///< of lock_table: "share", "access exclusive", …
  std::vector<std::string> columns{};
  /// Of create_index: its columns in order, "…" forms for expressions and for columns with an order, operator
  /// class or collation of their own. Equal texts mean equal keys.
  std::vector<std::string> keys{};
  std::vector<std::string> roles{};       ///< of grant: whom; "public" in lower case is everybody
  std::vector<Column> table_columns{};    ///< of create_table
  std::vector<Constraint> constraints{};  ///< of create_table: those of the table, columns' ones not repeated
  std::optional<Column> column{};         ///< of add_column
  std::optional<Constraint> constraint{};  ///< of add_constraint, alter_domain
  ObjectName parent{};                     ///< of create_table … partition of
  bool concurrently = false;
  bool if_exists = false;
  bool if_not_exists = false;
  bool cascade = false;
  bool unique = false;
  bool full = false;
  bool only = false;
  bool temporary = false;
  bool partitioned = false;  ///< of create_table: `partition by`
  bool has_where = false;
  bool has_rows_from = false;
  bool nowait = false;
  bool grant_option = false;  ///< of grant
  bool includes = false;      ///< of create_index: `include (…)`
  /// Input arguments of create_function and of a dropped function; nullopt: not said. Those of a drop have
  /// types alone.
  std::optional<std::vector<Argument>> arguments{};
};

/// How volatile a function of PostgreSQL or of a well-known extension is, by its name.
Volatility volatility_of_function(std::string_view name);

/// What a statement does. `node` is {KIND: {…}}, as in a parse tree's "stmt"; `text` the text that was
/// parsed. A form that is not known gives one action `other`; never throws.
std::vector<Action> read_actions(const nlohmann::json& node, std::string_view text);

/// Whether changing a column's type writes the table anew. Types in the server's spelling.
enum class TypeChange {
  none,     ///< the catalog alone
  checks,   ///< scans the table, rewrites nothing (a domain's constraints)
  rewrite,  ///< writes every row and index
  zone,     ///< timestamp and timestamptz: the catalog alone where the time zone is UTC, else a rewrite
  unknown   ///< a type that is not known
};
TypeChange type_change(std::string_view from, std::string_view to);

}  // namespace dbtool::sql
