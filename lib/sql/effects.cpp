#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "sql/block.h"
#include "sql/parse.h"
#include "sql/read_tables.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

constexpr const char* access_exclusive = "access exclusive";
constexpr const char* share_row_exclusive = "share row exclusive";
constexpr const char* exclusive = "exclusive";
constexpr const char* share = "share";

int strength(std::string_view mode) {
  if (mode == access_exclusive) return 8;
  if (mode == exclusive) return 7;
  if (mode == share_row_exclusive) return 6;
  return mode == share ? 5 : 0;
}

/// A table as a script names it. Scripts run with search_path public: no schema and `public` are the same.
struct Name {
  std::string schema;
  std::string table;

  std::string key() const { return (schema.empty() ? "public" : schema) + "." + table; }
  bool operator==(const Name&) const = default;
};

Name name_of(const json& range) {
  const json& node = range.contains("RangeVar") ? range.at("RangeVar") : range;
  return {member(node, "schemaname"), member(node, "relname")};
}

/// A name of `drop`: a list of its parts; the last `skip` parts name something that belongs to the table.
Name name_of_list(const json& object, std::size_t skip) {
  const json& items = object.at("List").at("items");
  const std::size_t count = items.size();
  const auto part = [&](std::size_t from_end) {
    return count > from_end ? items.at(count - 1 - from_end).at("String").value("sval", "") : std::string();
  };
  return {part(skip + 1), part(skip)};
}

/// What a sequence of statements locks and fills, and on what it grants.
class Effects {
 public:
  void read(const std::vector<SplitStatement>& statements) {
    for (const SplitStatement& statement : statements) read_statement(statement.text);
  }

  std::vector<StrongLock> locks;
  std::vector<Name> written;
  std::vector<Name> granted;
  /// As whom a script reads is not known where it says so itself.
  std::vector<Name> read_tables() const { return changes_rights_ ? std::vector<Name>{} : read_; }

 private:
  void read_statement(const std::string& text) {
    if (!is_of_interest(text)) return;
    try {
      for (const json& item : parse_tree(text)) {
        const json& node = item.at("stmt");
        // First, for a statement may read what it is about to make.
        for (auto& [schema, table] : tables_read(node.begin().key(), node.begin().value()))
          note_read({std::move(schema), std::move(table)});
        read_node(node.begin().key(), node.begin().value());
      }
    } catch (const json::exception&) {
      // A tree of a form that is not known here: its effects are unknown, as with a failed parse.
    }
  }

  /// Saves parsing most of a script: functions, comments, PL/pgSQL's own statements.
  static bool is_of_interest(std::string_view text) {
    static const std::set<std::string, std::less<>> first_words = {
        "alter", "drop", "create",  "truncate", "lock", "insert", "update", "delete", "merge",
        "with",  "copy", "reindex", "cluster",  "do",   "select", "grant",  "revoke", "set"};
    const std::vector<Token> tokens = tokenize(text);
    if (tokens.empty() || !first_words.contains(tokens.front().lower)) return false;
    for (std::size_t i = 1; i < std::min<std::size_t>(tokens.size(), 4); ++i) {
      if (tokens.front().is("create") && (tokens[i].is("function") || tokens[i].is("procedure")))
        return false;
    }
    return true;
  }

  void read_node(const std::string& kind, const json& node) {
    if (kind == "AlterTableStmt") return read_alter_table(node);
    if (kind == "RenameStmt") return read_rename(node);
    if (kind == "DropStmt") return read_drop(node);
    if (kind == "CreateStmt") return read_create_table(node);
    if (kind == "DoStmt") return read_do(node);
    if (kind == "GrantStmt") return read_grant(node);
    if (kind == "TruncateStmt") {
      for (const json& relation : node.at("relations")) lock(name_of(relation), access_exclusive);
    } else if (kind == "LockStmt") {
      for (const json& relation : node.at("relations"))
        lock(name_of(relation), mode_name(node.value("mode", 0)));
    } else if (kind == "IndexStmt") {
      if (!node.value("concurrent", false)) lock(name_of(node.at("relation")), share);
    } else if (kind == "CreateTrigStmt") {
      lock(name_of(node.at("relation")), share_row_exclusive);
      if (node.contains("constrrel")) lock(name_of(node.at("constrrel")), share_row_exclusive);
    } else if (kind == "RuleStmt") {
      lock(name_of(node.at("relation")), access_exclusive);
    } else if (kind == "CreatePolicyStmt" || kind == "AlterPolicyStmt") {
      lock(name_of(node.at("table")), access_exclusive);
    } else if (kind == "ClusterStmt") {
      if (node.contains("relation")) lock(name_of(node.at("relation")), access_exclusive);
    } else if (kind == "AlterObjectSchemaStmt") {
      if (member(node, "objectType") == "OBJECT_TABLE") lock(name_of(node.at("relation")), access_exclusive);
    } else if (kind == "ReindexStmt") {
      if (node.contains("relation") && !has_option(node, "params", "concurrently")) {
        lock(name_of(node.at("relation")), share, member(node, "kind") == "REINDEX_OBJECT_INDEX");
      }
    } else if (kind == "VariableSetStmt") {
      const std::string name = member(node, "name");
      changes_rights_ |= name == "role" || name == "session_authorization" || name == "row_security";
    } else {
      read_writes(kind, node);
    }
  }

  // -- alter table
  // -------------------------------------------------------------------------------------------------

  void read_alter_table(const json& node) {
    const std::string type = member(node, "objtype");
    if (type != "OBJECT_TABLE") return;
    const Name table = name_of(node.at("relation"));
    for (const json& item : node.at("cmds")) {
      const json& command = item.at("AlterTableCmd");
      const std::string subtype = member(command, "subtype");
      lock(table, alter_mode(subtype, command));
      if (subtype == "AT_AlterColumnType") write(table);
      if (!command.contains("def")) continue;
      const json& definition = command.at("def");
      if (definition.contains("Constraint")) lock_referenced(definition.at("Constraint"));
      if (definition.contains("ColumnDef")) lock_referenced_by_column(definition.at("ColumnDef"));
      if (definition.contains("PartitionCmd") && subtype != "AT_DetachPartitionFinalize" &&
          !definition.at("PartitionCmd").value("concurrent", false)) {
        lock(name_of(definition.at("PartitionCmd").at("name")), access_exclusive);
      }
    }
  }

  /// The lock that one subcommand takes on the table itself; "" where it is not a strong one.
  static std::string alter_mode(const std::string& subtype, const json& command) {
    static const std::set<std::string, std::less<>> weak = {
        "AT_SetStatistics",   "AT_ClusterOn",
        "AT_DropCluster",     "AT_SetOptions",
        "AT_ResetOptions",    "AT_SetRelOptions",
        "AT_ResetRelOptions", "AT_ValidateConstraint",
        "AT_AttachPartition", "AT_DetachPartitionFinalize"};
    if (weak.contains(subtype)) return {};
    if (subtype.starts_with("AT_EnableTrig") || subtype.starts_with("AT_DisableTrig") ||
        subtype == "AT_EnableAlwaysTrig" || subtype == "AT_EnableReplicaTrig") {
      return share_row_exclusive;
    }
    const json definition = command.value("def", json::object());
    if (subtype == "AT_AddConstraint" && definition.contains("Constraint") &&
        member(definition["Constraint"], "contype") == "CONSTR_FOREIGN") {
      return share_row_exclusive;
    }
    if (subtype == "AT_DetachPartition" && definition.at("PartitionCmd").value("concurrent", false))
      return {};
    return access_exclusive;
  }

  void lock_referenced(const json& constraint) {
    if (constraint.contains("pktable")) lock(name_of(constraint.at("pktable")), share_row_exclusive);
  }

  void lock_referenced_by_column(const json& column) {
    if (!column.contains("constraints")) return;
    for (const json& constraint : column.at("constraints")) lock_referenced(constraint.at("Constraint"));
  }

  // -- other statements
  // --------------------------------------------------------------------------------------------

  void read_create_table(const json& node) {
    const Name table = name_of(node.at("relation"));
    if (!node.value("if_not_exists", false)) created_.insert(table.key());
    if (member(node.at("relation"), "relpersistence") == "t") temporary_.insert(table.key());
    if (node.contains("partbound") && node.contains("inhRelations")) {
      for (const json& parent : node.at("inhRelations")) lock(name_of(parent), access_exclusive);
    }
    if (!node.contains("tableElts")) return;
    for (const json& element : node.at("tableElts")) {
      if (element.contains("Constraint")) lock_referenced(element.at("Constraint"));
      if (element.contains("ColumnDef")) lock_referenced_by_column(element.at("ColumnDef"));
    }
  }

  void read_rename(const json& node) {
    static const std::set<std::string, std::less<>> of_table = {
        "OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"};
    const std::string type = member(node, "renameType");
    if (!node.contains("relation")) return;
    const Name table = name_of(node.at("relation"));
    if (type == "OBJECT_COLUMN" && member(node, "relationType") != "OBJECT_TABLE") return;
    if (of_table.contains(type)) lock(table, access_exclusive);
    if (type != "OBJECT_TABLE") return;
    lock(table, access_exclusive);
    const Name renamed{table.schema, member(node, "newname")};
    created_.insert(renamed.key());
    for (Name& name : written) {
      if (name.key() == table.key()) name = renamed;
    }
  }

  void read_drop(const json& node) {
    const std::string type = member(node, "removeType");
    if (node.value("concurrent", false)) return;
    const bool of_table = type == "OBJECT_TRIGGER" || type == "OBJECT_POLICY" || type == "OBJECT_RULE";
    if (!of_table && type != "OBJECT_TABLE" && type != "OBJECT_INDEX") return;
    for (const json& object : node.at("objects")) {
      const Name name = name_of_list(object, of_table ? 1 : 0);
      lock(name, access_exclusive, type == "OBJECT_INDEX");
      if (type == "OBJECT_TABLE") {
        std::erase_if(written, [&](const Name& other) { return other.key() == name.key(); });
      }
    }
  }

  void read_do(const json& node) {
    for (const json& argument : node.at("args")) {
      const json& option = argument.at("DefElem");
      if (member(option, "defname") == "as")
        read(statements_of_block(option.at("arg").at("String").value("sval", "")));
    }
  }

  /// The relations that `grant … on [table | sequence] a, b` names; none for all that have no single name.
  void read_grant(const json& node) {
    const std::string type = member(node, "objtype");
    if (type != "OBJECT_TABLE" && type != "OBJECT_SEQUENCE") return;
    for (const json& object : node.at("objects")) {
      if (!object.contains("RangeVar")) continue;
      const Name name = name_of(object);
      if (std::find(granted.begin(), granted.end(), name) == granted.end()) granted.push_back(name);
    }
  }

  void read_writes(const std::string& kind, const json& node) {
    if (kind == "CreateTableAsStmt" || (kind == "SelectStmt" && node.contains("intoClause"))) {
      const json& into = kind == "SelectStmt" ? node.at("intoClause") : node.at("into");
      const Name table = name_of(into.at("rel"));
      if (!node.value("if_not_exists", false)) created_.insert(table.key());
      if (member(into.at("rel"), "relpersistence") == "t") temporary_.insert(table.key());
      write(table);
    } else if (kind == "CopyStmt") {
      if (node.value("is_from", false)) write(name_of(node.at("relation")));
    } else if (kind == "InsertStmt" || kind == "UpdateStmt" || kind == "MergeStmt") {
      write(name_of(node.at("relation")));
    }
    read_common_table_expressions(node);
  }

  /// `with x as (insert …) …`
  void read_common_table_expressions(const json& node) {
    if (!node.contains("withClause")) return;
    for (const json& item : node.at("withClause").at("ctes")) {
      const json& query = item.at("CommonTableExpr").at("ctequery");
      read_writes(query.begin().key(), query.begin().value());
    }
  }

  // -- results
  // -----------------------------------------------------------------------------------------------------

  /// By PostgreSQL's number of a lock mode.
  static std::string mode_name(int mode) {
    switch (mode) {
      case 5:
        return share;
      case 6:
        return share_row_exclusive;
      case 7:
        return exclusive;
      case 8:
        return access_exclusive;
      default:
        return {};
    }
  }

  void lock(const Name& name, const std::string& mode, bool of_index = false) {
    if (mode.empty() || name.table.empty() || (!of_index && created_.contains(name.key()))) return;
    const auto known = std::find_if(locks.begin(), locks.end(), [&](const StrongLock& other) {
      return other.of_index == of_index && Name{other.schema, other.table}.key() == name.key();
    });
    if (known == locks.end()) {
      locks.push_back({name.schema, name.table, mode, of_index});
    } else if (strength(mode) > strength(known->mode)) {
      known->mode = mode;
    }
  }

  void write(const Name& name) {
    const bool known = std::any_of(written.begin(), written.end(),
                                   [&](const Name& other) { return other.key() == name.key(); });
    if (!known && !name.table.empty() && !temporary_.contains(name.key())) written.push_back(name);
  }

  void note_read(Name name) {
    if (created_.contains(name.key()) || temporary_.contains(name.key())) return;
    if (std::find(read_.begin(), read_.end(), name) == read_.end()) read_.push_back(std::move(name));
  }

  std::set<std::string> created_;
  std::set<std::string> temporary_;
  std::vector<Name> read_;
  bool changes_rights_ = false;
};

std::vector<std::string> as_sql(const std::vector<Name>& names) {
  const auto quoted = [](const std::string& name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
  };
  std::vector<std::string> texts;
  for (const Name& name : names) {
    texts.push_back((name.schema.empty() ? std::string() : quoted(name.schema) + ".") + quoted(name.table));
  }
  return texts;
}

ScriptEffects effects_of(const std::vector<SplitStatement>& statements) {
  Effects effects;
  effects.read(statements);
  return {std::move(effects.locks), as_sql(effects.written), as_sql(effects.granted),
          as_sql(effects.read_tables())};
}

}  // namespace

ScriptEffects effects_of_block(std::string_view block) {
  return effects_of(statements_of_block(without_prefix_variable(block)));
}

ScriptEffects effects_of_statements(std::string_view script) {
  return effects_of(split(without_prefix_variable(script)).statements);
}

}  // namespace dbtool::sql
