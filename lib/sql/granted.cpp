#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sql/block.h"
#include "sql/parse.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::sql {
namespace {

using nlohmann::json;

bool grants_or_revokes(std::string_view text) {
  const std::vector<Token> tokens = tokenize(text);
  return !tokens.empty() && (tokens.front().is("grant") || tokens.front().is("revoke"));
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

void add(std::string name, std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

/// The relations that `grant … on [table | sequence] a, b` names; none for all that have no single name.
void read_grant(const json& statement, std::vector<std::string>& names) {
  if (!statement.contains("GrantStmt")) return;
  const json& grant = statement.at("GrantStmt");
  const std::string type = member(grant, "objtype");
  if (type != "OBJECT_TABLE" && type != "OBJECT_SEQUENCE") return;
  for (const json& object : grant.at("objects")) {
    if (!object.contains("RangeVar")) continue;
    const json& relation = object.at("RangeVar");
    const std::string schema = member(relation, "schemaname");
    add((schema.empty() ? "" : quoted(schema) + ".") + quoted(member(relation, "relname")), names);
  }
}

std::vector<std::string> granted_by(const std::vector<SplitStatement>& statements) {
  std::vector<std::string> names;
  for (const SplitStatement& statement : statements) {
    if (!grants_or_revokes(statement.text)) continue;
    try {
      for (const json& item : parse_tree(statement.text)) read_grant(item.at("stmt"), names);
    } catch (const json::exception&) {
      // A tree of a form that is not known here: what it grants is unknown, as with a failed parse.
    }
  }
  return names;
}

/// Saves cutting the scripts, most of all, in which nobody is granted anything.
bool may_grant(std::string_view script) {
  const std::string lower = to_lower(script);
  return lower.find("grant") != std::string::npos || lower.find("revoke") != std::string::npos;
}

}  // namespace

std::vector<std::string> granted_relations_of_block(std::string_view block) {
  if (!may_grant(block)) return {};
  return granted_by(statements_of_block(without_prefix_variable(block)));
}

std::vector<std::string> granted_relations_of_statements(std::string_view script) {
  if (!may_grant(script)) return {};
  return granted_by(split(without_prefix_variable(script)).statements);
}

}  // namespace dbtool::sql
