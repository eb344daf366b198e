#include <pg_query.h>

#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>

#include "sql/block.h"
#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

/// The part of [begin, end) from its first token to its last; nothing when it holds none.
std::optional<SplitStatement> trimmed(std::string_view script, std::size_t begin, std::size_t end) {
  const std::string_view part = script.substr(begin, end - begin);
  const std::vector<Token> tokens = tokenize(part);
  if (tokens.empty()) return std::nullopt;
  const std::size_t from = tokens.front().offset;
  return SplitStatement{std::string(part.substr(from, tokens.back().end() - from)), begin + from};
}

bool flag(const json& node, const char* name) {
  return node.value(name, false);
}

OutsideStatement of_create_index(const json& node) {
  OutsideStatement found;
  if (!flag(node, "concurrent")) return found;
  const json& relation = node.at("relation");
  return {OutsideKind::create_index_concurrently, member(relation, "schemaname"), member(node, "idxname"),
          member(relation, "relname")};
}

OutsideStatement of_drop(const json& node) {
  OutsideStatement found;
  if (!flag(node, "concurrent")) return found;
  found.kind = OutsideKind::drop_index_concurrently;
  const json names = node.at("objects").at(0).at("List").at("items");
  found.name = names.back().at("String").value("sval", "");
  if (names.size() > 1) found.schema = names[names.size() - 2].at("String").value("sval", "");
  return found;
}

OutsideStatement of_reindex(const json& node) {
  OutsideStatement found;
  if (has_option(node, "params", "concurrently")) {
    found.kind = OutsideKind::reindex_concurrently;
  } else if (!node.contains("relation")) {
    found.kind = OutsideKind::other;  // of a schema or a database
  }
  if (node.contains("relation")) {
    found.schema = member(node["relation"], "schemaname");
    found.name = member(node["relation"], "relname");
  } else {
    found.name = member(node, "name");
  }
  return found;
}

OutsideStatement of_alter_table(const json& node) {
  OutsideStatement found;
  for (const json& command : node.at("cmds")) {
    const json& part = command.at("AlterTableCmd");
    if (member(part, "subtype") != "AT_DetachPartition") continue;
    const json& partition = part.at("def").at("PartitionCmd");
    if (!flag(partition, "concurrent")) continue;
    found.kind = OutsideKind::detach_partition_concurrently;
    found.schema = member(partition.at("name"), "schemaname");
    found.name = member(partition.at("name"), "relname");
    found.table = member(node.at("relation"), "relname");
  }
  return found;
}

OutsideStatement of_vacuum(const json& node) {
  OutsideStatement found;
  if (!flag(node, "is_vacuumcmd")) return found;
  found.kind = OutsideKind::vacuum;
  if (node.contains("rels") && node["rels"].size() == 1) {
    const json& relation = node["rels"][0].at("VacuumRelation").at("relation");
    found.schema = member(relation, "schemaname");
    found.table = member(relation, "relname");
  }
  return found;
}

OutsideStatement of_do(const json& node) {
  OutsideStatement found;
  for (const json& argument : node.at("args")) {
    const json& option = argument.at("DefElem");
    if (member(option, "defname") == "as" &&
        find_transaction_command(option.at("arg").at("String").value("sval", ""))) {
      found.kind = OutsideKind::other;
    }
  }
  return found;
}

OutsideStatement of_node(const std::string& kind, const json& node) {
  if (kind == "IndexStmt") return of_create_index(node);
  if (kind == "DropStmt") return of_drop(node);
  if (kind == "ReindexStmt") return of_reindex(node);
  if (kind == "AlterTableStmt") return of_alter_table(node);
  if (kind == "VacuumStmt") return of_vacuum(node);
  if (kind == "DoStmt") return of_do(node);
  OutsideStatement found;
  const bool never = kind == "CreatedbStmt" || kind == "DropdbStmt" || kind == "CreateTableSpaceStmt" ||
                     kind == "DropTableSpaceStmt" || kind == "AlterSystemStmt" ||
                     kind == "CreateSubscriptionStmt" || kind == "DropSubscriptionStmt" ||
                     kind == "TransactionStmt" || (kind == "ClusterStmt" && !node.contains("relation")) ||
                     (kind == "DiscardStmt" && member(node, "target") == "DISCARD_ALL");
  if (never) found.kind = OutsideKind::other;
  return found;
}

/// For syntax that the parser does not know: by the first words alone; the object stays unnamed.
OutsideStatement by_words(std::string_view statement) {
  const std::vector<Token> tokens = tokenize(statement);
  const auto has = [&](std::string_view word) {
    for (const Token& token : tokens) {
      if (token.is(word)) return true;
    }
    return false;
  };
  OutsideStatement found;
  if (tokens.empty()) return found;
  const Token& first = tokens.front();
  const bool concurrently = has("concurrently");
  if (first.is("vacuum")) found.kind = OutsideKind::vacuum;
  if (first.is("create") && concurrently && has("index")) found.kind = OutsideKind::create_index_concurrently;
  if (first.is("drop") && concurrently && has("index")) found.kind = OutsideKind::drop_index_concurrently;
  if (first.is("reindex") && concurrently) found.kind = OutsideKind::reindex_concurrently;
  if (first.is("alter") && concurrently && has("detach"))
    found.kind = OutsideKind::detach_partition_concurrently;
  return found;
}

std::optional<TransactionCommand> first_transaction_command(const std::vector<SplitStatement>& statements) {
  for (const SplitStatement& statement : statements) {
    const std::vector<Token> tokens = tokenize(statement.text);
    if (tokens.empty()) continue;
    const Token& first = tokens.front();
    const bool found =
        first.is("commit") || first.is("rollback") || first.is("abort") || first.is("savepoint") ||
        first.is("begin") || first.is("end") || first.is("release") ||
        ((first.is("start") || first.is("prepare")) && tokens.size() > 1 && tokens[1].is("transaction"));
    if (found) return TransactionCommand{first.lower, statement.offset};
  }
  return std::nullopt;
}

}  // namespace

SplitResult split(std::string_view script) {
  const std::string text = without_prefix_variable(script);
  SplitResult result;
  PgQuerySplitResult parsed = pg_query_split_with_parser(text.c_str());
  const std::unique_ptr<PgQuerySplitResult, void (*)(PgQuerySplitResult*)> owner(
      &parsed, [](PgQuerySplitResult* r) { pg_query_free_split_result(*r); });
  if (parsed.error != nullptr) {
    parse_tree(text, &result.error);
    if (!result.error) result.error = SyntaxError{parsed.error->message, 0};
    result.statements = split_by_tokens(script);
    return result;
  }
  for (int i = 0; i < parsed.n_stmts; ++i) {
    const auto begin = static_cast<std::size_t>(parsed.stmts[i]->stmt_location);
    const auto length = static_cast<std::size_t>(parsed.stmts[i]->stmt_len);
    const std::size_t end = length == 0 ? script.size() : begin + length;
    if (const auto statement = trimmed(script, begin, end)) result.statements.push_back(*statement);
  }
  return result;
}

OutsideStatement outside_transaction(std::string_view statement) {
  try {
    const json tree = parse_tree(without_prefix_variable(statement));
    if (tree.empty()) return by_words(statement);
    for (const json& item : tree) {
      const json& node = item.at("stmt");
      OutsideStatement found = of_node(node.begin().key(), node.begin().value());
      if (found.kind != OutsideKind::none) return found;
    }
  } catch (const json::exception&) {
    return by_words(statement);  // a tree of a form that is not known here
  }
  return {};
}

std::optional<TransactionCommand> find_transaction_command(std::string_view block) {
  return first_transaction_command(statements_of_block(block));
}

std::optional<TransactionCommand> find_transaction_command_of_statements(std::string_view script) {
  return first_transaction_command(split(script).statements);
}

}  // namespace dbtool::sql
