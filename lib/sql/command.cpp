#include "sql/command.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "sql/block.h"
#include "sql/parse.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

/// OBJECT_FOREIGN_TABLE → "FOREIGN TABLE". What is part of a table goes by the table.
std::string object_words(const std::string& type) {
  static const std::map<std::string, std::string, std::less<>> special = {
      {"ACCESS_METHOD", "ACCESS METHOD"},
      {"ATTRIBUTE", "TYPE"},
      {"COLUMN", "TABLE"},
      {"DEFACL", "DEFAULT PRIVILEGES"},
      {"DOMCONSTRAINT", "DOMAIN"},
      {"FDW", "FOREIGN DATA WRAPPER"},
      {"FOREIGN_SERVER", "SERVER"},
      {"MATVIEW", "MATERIALIZED VIEW"},
      {"OPCLASS", "OPERATOR CLASS"},
      {"OPFAMILY", "OPERATOR FAMILY"},
      {"STATISTIC_EXT", "STATISTICS"},
      {"TABCONSTRAINT", "TABLE"},
      {"TSCONFIGURATION", "TEXT SEARCH CONFIGURATION"},
      {"TSDICTIONARY", "TEXT SEARCH DICTIONARY"},
      {"TSPARSER", "TEXT SEARCH PARSER"},
      {"TSTEMPLATE", "TEXT SEARCH TEMPLATE"},
  };
  constexpr std::string_view prefix = "OBJECT_";
  std::string words = type.starts_with(prefix) ? type.substr(prefix.size()) : type;
  if (const auto found = special.find(words); found != special.end()) return found->second;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

bool is_shared(const std::string& type) {
  return type == "OBJECT_ROLE" || type == "OBJECT_DATABASE" || type == "OBJECT_TABLESPACE" ||
         type == "OBJECT_EVENT_TRIGGER" || type.empty();
}

std::string tag_of(const char* verb, const std::string& type) {
  return is_shared(type) ? "" : verb + object_words(type);
}

/// A part of something is renamed by altering that.
std::string rename_tag(const json& rename) {
  const std::string type = member(rename, "renameType");
  const bool part = type == "OBJECT_COLUMN" || type == "OBJECT_TABCONSTRAINT";
  const std::string relation = member(rename, "relationType");
  return tag_of("ALTER ", part && relation != "OBJECT_ACCESS_METHOD" && !relation.empty() ? relation : type);
}

std::string table_as_tag(const json& make) {
  if (member(make, "objtype") == "OBJECT_MATVIEW") return "CREATE MATERIALIZED VIEW";
  return make.value("is_select_into", false) ? "SELECT INTO" : "CREATE TABLE AS";
}

const std::map<std::string, std::string, std::less<>>& fixed_tags() {
  static const std::map<std::string, std::string, std::less<>> tags = {
      {"AlterDefaultPrivilegesStmt", "ALTER DEFAULT PRIVILEGES"},
      {"AlterDomainStmt", "ALTER DOMAIN"},
      {"AlterEnumStmt", "ALTER TYPE"},
      {"AlterExtensionContentsStmt", "ALTER EXTENSION"},
      {"AlterExtensionStmt", "ALTER EXTENSION"},
      {"AlterFdwStmt", "ALTER FOREIGN DATA WRAPPER"},
      {"AlterForeignServerStmt", "ALTER SERVER"},
      {"AlterOpFamilyStmt", "ALTER OPERATOR FAMILY"},
      {"AlterOperatorStmt", "ALTER OPERATOR"},
      {"AlterPolicyStmt", "ALTER POLICY"},
      {"AlterPublicationStmt", "ALTER PUBLICATION"},
      {"AlterSeqStmt", "ALTER SEQUENCE"},
      {"AlterStatsStmt", "ALTER STATISTICS"},
      {"AlterSubscriptionStmt", "ALTER SUBSCRIPTION"},
      {"AlterTSConfigurationStmt", "ALTER TEXT SEARCH CONFIGURATION"},
      {"AlterTSDictionaryStmt", "ALTER TEXT SEARCH DICTIONARY"},
      {"AlterTypeStmt", "ALTER TYPE"},
      {"AlterUserMappingStmt", "ALTER USER MAPPING"},
      {"CommentStmt", "COMMENT"},
      {"CompositeTypeStmt", "CREATE TYPE"},
      {"CreateAmStmt", "CREATE ACCESS METHOD"},
      {"CreateCastStmt", "CREATE CAST"},
      {"CreateConversionStmt", "CREATE CONVERSION"},
      {"CreateDomainStmt", "CREATE DOMAIN"},
      {"CreateEnumStmt", "CREATE TYPE"},
      {"CreateExtensionStmt", "CREATE EXTENSION"},
      {"CreateFdwStmt", "CREATE FOREIGN DATA WRAPPER"},
      {"CreateForeignServerStmt", "CREATE SERVER"},
      {"CreateForeignTableStmt", "CREATE FOREIGN TABLE"},
      {"CreateOpClassStmt", "CREATE OPERATOR CLASS"},
      {"CreateOpFamilyStmt", "CREATE OPERATOR FAMILY"},
      {"CreatePLangStmt", "CREATE LANGUAGE"},
      {"CreatePolicyStmt", "CREATE POLICY"},
      {"CreatePublicationStmt", "CREATE PUBLICATION"},
      {"CreateRangeStmt", "CREATE TYPE"},
      {"CreateSchemaStmt", "CREATE SCHEMA"},
      {"CreateSeqStmt", "CREATE SEQUENCE"},
      {"CreateStatsStmt", "CREATE STATISTICS"},
      {"CreateStmt", "CREATE TABLE"},
      {"CreateSubscriptionStmt", "CREATE SUBSCRIPTION"},
      {"CreateTransformStmt", "CREATE TRANSFORM"},
      {"CreateTrigStmt", "CREATE TRIGGER"},
      {"CreateUserMappingStmt", "CREATE USER MAPPING"},
      {"DropOwnedStmt", "DROP OWNED"},
      {"DropSubscriptionStmt", "DROP SUBSCRIPTION"},
      {"DropUserMappingStmt", "DROP USER MAPPING"},
      {"ImportForeignSchemaStmt", "IMPORT FOREIGN SCHEMA"},
      {"IndexStmt", "CREATE INDEX"},
      {"RefreshMatViewStmt", "REFRESH MATERIALIZED VIEW"},
      {"RuleStmt", "CREATE RULE"},
      {"SecLabelStmt", "SECURITY LABEL"},
      {"ViewStmt", "CREATE VIEW"},
  };
  return tags;
}

bool writes_rows(const Action& action) {
  switch (action.kind) {
    case ActionKind::insert_rows:
    case ActionKind::update_rows:
    case ActionKind::delete_rows:
    case ActionKind::merge_rows:
    case ActionKind::copy_rows:
      return !action.temporary;
    default:
      return false;
  }
}

bool drops(const Action& action) {
  return action.kind == ActionKind::drop_column || action.kind == ActionKind::drop_constraint ||
         action.kind == ActionKind::drop_default;
}

bool rewrites(const Action& action) {
  if (action.kind == ActionKind::add_column && action.column) {
    const Column& column = *action.column;
    return column.serial || column.identity || !column.generated.empty() ||
           column.default_volatility == Volatility::changes ||
           column.default_volatility == Volatility::unknown;
  }
  return action.kind == ActionKind::alter_column_type || action.kind == ActionKind::set_persistence ||
         action.kind == ActionKind::set_access_method;
}

void add(const ObjectName& table, std::vector<ObjectName>& tables) {
  if (!table.empty() && std::find(tables.begin(), tables.end(), table) == tables.end())
    tables.push_back(table);
}

Command command_of(const json& node, const std::string& text) {
  Command command;
  command.tag = command_tag(node);
  command.drops = command.tag.starts_with("DROP ");
  for (const Action& action : read_actions(node, text)) {
    const bool makes = action.kind == ActionKind::create_table || action.kind == ActionKind::create_table_as;
    const bool truncates = action.kind == ActionKind::truncate;
    const bool of_table = command.tag == "ALTER TABLE" || action.kind == ActionKind::drop_table;
    if (makes && !action.temporary) add(action.table, command.created);
    if (truncates || (of_table && action.object_type == "table")) add(action.table, command.tables);
    command.drops = command.drops || drops(action);
    command.rewrites = command.rewrites || rewrites(action);
    command.writes_rows = command.writes_rows || truncates || writes_rows(action);
  }
  return command;
}

std::vector<Command> commands_of(const std::vector<SplitStatement>& statements) {
  std::vector<Command> commands;
  for (const SplitStatement& statement : statements) {
    try {
      for (const json& item : parse_tree(statement.text)) {
        Command command = command_of(item.at("stmt"), statement.text);
        if (!command.tag.empty() || !command.tables.empty() || command.writes_rows)
          commands.push_back(std::move(command));
      }
    } catch (const json::exception&) {
      // A tree of a form that is not known here: what it does is unknown, as with a failed parse.
    }
  }
  return commands;
}

}  // namespace

std::string command_tag(const json& node) {
  if (!node.is_object() || node.empty()) return "";
  const std::string& kind = node.begin().key();
  const json& statement = node.begin().value();
  if (const auto fixed = fixed_tags().find(kind); fixed != fixed_tags().end()) return fixed->second;
  if (kind == "DropStmt") return tag_of("DROP ", member(statement, "removeType"));
  if (kind == "AlterTableStmt") return tag_of("ALTER ", member(statement, "objtype"));
  if (kind == "RenameStmt") return rename_tag(statement);
  if (kind == "AlterObjectSchemaStmt" || kind == "AlterOwnerStmt" || kind == "AlterObjectDependsStmt")
    return tag_of("ALTER ", member(statement, "objectType"));
  if (kind == "AlterFunctionStmt") return tag_of("ALTER ", member(statement, "objtype"));
  if (kind == "DefineStmt") return tag_of("CREATE ", member(statement, "kind"));
  if (kind == "CreateFunctionStmt")
    return statement.value("is_procedure", false) ? "CREATE PROCEDURE" : "CREATE FUNCTION";
  if (kind == "CreateTableAsStmt") return table_as_tag(statement);
  if (kind == "SelectStmt") return statement.contains("intoClause") ? "SELECT INTO" : "";
  if (kind == "GrantStmt") return statement.value("is_grant", false) ? "GRANT" : "REVOKE";
  return "";
}

std::vector<Command> commands_of_block(std::string_view block) {
  return commands_of(statements_of_block(without_prefix_variable(block)));
}

std::vector<Command> commands_of_statements(std::string_view script) {
  return commands_of(split(without_prefix_variable(script)).statements);
}

}  // namespace dbtool::sql
