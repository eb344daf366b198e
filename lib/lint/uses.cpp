#include "lint/uses.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "sql/action.h"
#include "sql/definition.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::lint {
namespace {

using nlohmann::json;

/// Walks over one statement's tree. Names of columns are put to their tables at the end, when all aliases are
/// known.
class UseReader {
 public:
  explicit UseReader(Uses& uses) : uses_(uses) {}

  void run(const json& tree) {
    find_common_tables(tree);
    open_.push_back({&tree, false});
    while (!open_.empty()) {
      const Item item = open_.back();
      open_.pop_back();
      visit(item);
    }
    settle();
  }

 private:
  struct Item {
    const json* node;
    bool in_exists;  ///< `*` says nothing there
  };
  struct Reference {
    std::vector<std::string> parts;
    bool star = false;
  };

  void find_common_tables(const json& tree) {
    std::vector<const json*> open{&tree};
    while (!open.empty()) {
      const json& node = *open.back();
      open.pop_back();
      if (!node.is_structured()) continue;
      if (node.is_object() && node.contains("CommonTableExpr"))
        common_tables_.insert(sql::member(node.at("CommonTableExpr"), "ctename"));
      for (const json& child : node) open.push_back(&child);
    }
  }

  void visit(const Item& item) {
    const json& node = *item.node;
    if (!node.is_structured()) return;
    bool in_exists = item.in_exists;
    if (node.is_object()) {
      for (const auto& [kind, value] : node.items()) {
        if (!value.is_object()) continue;
        try {
          read(kind, value, item.in_exists);
        } catch (const json::exception&) {
          // A form that is not known here uses nothing that is known.
        }
        if (kind == "SubLink" && sql::member(value, "subLinkType") == "EXISTS_SUBLINK") in_exists = true;
      }
    }
    for (const json& child : node) open_.push_back({&child, in_exists});
  }

  void read(const std::string& kind, const json& node, bool in_exists) {
    if (kind == "RangeVar" || kind == "relation")
      read_table(node);
    else if (kind == "ColumnRef")
      read_column(node, in_exists);
    else if (kind == "FuncCall")
      read_call(node);
    else if (kind == "TypeName" || kind == "typeName")
      add_type(node);
    else if (kind == "String")
      return;
    else if (kind == "A_Const")
      read_constant(node);
    else if (kind == "LockingClause")
      uses_.locks_rows = true;
    else if (kind == "InsertStmt")
      read_insert(node);
    else if (kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt")
      read_write(node);
  }

  void read_call(const json& node) {
    const std::string name = sql::list_name(node.at("funcname")).name;
    uses_.functions.insert(name);
    uses_.calls[name].insert(shape_of(node));
  }

  void read_table(const json& node) {
    const sql::ObjectName name = sql::relation_name(node);
    if (name.empty() || (name.schema.empty() && common_tables_.contains(name.name))) return;
    uses_.tables[name.key()];
    tables_.insert(name.key());
    aliases_[name.name].insert(name.key());
    if (node.contains("alias")) aliases_[sql::member(node.at("alias"), "aliasname")].insert(name.key());
  }

  void read_column(const json& node, bool in_exists) {
    Reference reference;
    for (const json& field : node.at("fields")) {
      if (field.contains("String")) reference.parts.push_back(field.at("String").value("sval", ""));
      if (field.contains("A_Star")) reference.star = true;
    }
    if (!(reference.star && in_exists)) references_.push_back(std::move(reference));
  }

  void add_type(const json& node) {
    if (!node.contains("names")) return;
    const sql::ObjectName name = sql::list_name(node.at("names"));
    if (name.schema != "pg_catalog") uses_.types.insert(name.key());
  }

  void read_constant(const json& node) {
    if (node.contains("sval")) uses_.constants.insert(node.at("sval").value("sval", ""));
  }

  void read_write(const json& node) {
    const std::string table = sql::relation_name(node.at("relation")).key();
    TableUse& use = uses_.tables[table];
    use.written = true;
    add_targets(node, "targetList", use);
  }

  static void add_targets(const json& node, const char* list, TableUse& use) {
    if (!node.contains(list)) return;
    for (const json& target : node.at(list)) {
      if (!target.contains("ResTarget")) continue;
      const std::string name = sql::member(target.at("ResTarget"), "name");
      if (!name.empty()) use.columns.insert(name);
    }
  }

  void read_insert(const json& node) {
    TableUse& use = uses_.tables[sql::relation_name(node.at("relation")).key()];
    use.written = true;
    add_targets(node, "cols", use);
    if (!node.contains("cols") && node.contains("selectStmt")) use.all_columns = true;
    if (!node.contains("onConflictClause")) return;
    const json& conflict = node.at("onConflictClause");
    add_targets(conflict, "targetList", use);
    if (!conflict.contains("infer") || !conflict.at("infer").contains("indexElems")) return;
    std::set<std::string> columns;
    for (const json& element : conflict.at("infer").at("indexElems")) {
      const std::string name = sql::member(element.at("IndexElem"), "name");
      if (!name.empty()) use.columns.insert(name);
      columns.insert(name);
    }
    use.conflict_columns.insert(std::move(columns));
  }

  void settle() {
    for (const Reference& reference : references_) {
      const std::vector<std::string>& parts = reference.parts;
      if (parts.empty() || (parts.size() == 1 && !reference.star)) {
        settle_plain(reference);
        continue;
      }
      // table.column, schema.table.column, alias.*
      const std::size_t qualifier = reference.star ? parts.size() - 1 : parts.size() - 2;
      const auto alias = aliases_.find(parts[qualifier]);
      if (alias == aliases_.end()) continue;
      for (const std::string& table : alias->second) {
        if (reference.star)
          uses_.tables[table].all_columns = true;
        else
          uses_.tables[table].columns.insert(parts.back());
      }
    }
  }

  void settle_plain(const Reference& reference) {
    for (const std::string& table : tables_) {
      if (reference.star)
        uses_.tables[table].all_columns = true;
      else
        uses_.tables[table].columns.insert(reference.parts.front());
    }
    if (reference.parts.empty()) return;
    const auto row = aliases_.find(reference.parts.front());
    if (row == aliases_.end()) return;
    for (const std::string& table : row->second) uses_.tables[table].all_columns = true;
  }

  Uses& uses_;
  std::set<std::string> common_tables_;
  std::set<std::string> tables_;
  std::map<std::string, std::set<std::string>> aliases_;
  std::vector<Reference> references_;
  std::vector<Item> open_;
};

/// Index behind the parenthesis that closes the one at `open`.
std::size_t closing(const std::vector<sql::Token>& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].is("(")) ++depth;
    if (tokens[i].is(")") && --depth == 0) return i;
  }
  return tokens.size();
}

/// `name (…)` at a token: how many arguments, of which the types are not told.
void add_call(const std::vector<sql::Token>& tokens, std::size_t name, Uses& uses) {
  const std::size_t end = closing(tokens, name + 1);
  CallShape shape;
  if (end > name + 2) shape.types.emplace_back();
  int depth = 0;
  for (std::size_t i = name + 1; i < end; ++i) {
    if (tokens[i].is("(") || tokens[i].is("[")) ++depth;
    if (tokens[i].is(")") || tokens[i].is("]")) --depth;
    if (depth == 1 && tokens[i].is(",")) shape.types.emplace_back();
    const bool by_name = depth == 1 && (tokens[i].is(":=") || (tokens[i].is("=") && tokens[i + 1].is(">")));
    if (by_name) shape.known = false;
  }
  if (end == tokens.size()) shape.known = false;
  uses.calls[tokens[name].lower].insert(std::move(shape));
}

void add_query(const std::string& query, Uses& uses) {
  const json tree = sql::parse_tree(query);
  if (tree.size() == 1 && tree.at(0).contains("stmt")) add_uses(tree.at(0).at("stmt"), uses);
}

}  // namespace

void add_uses(const json& tree, Uses& uses) {
  UseReader(uses).run(tree);
}

void add_expression_uses(std::string_view body, Uses& uses) {
  const std::vector<sql::Token> tokens = sql::tokenize(body);
  std::size_t behind = 0;  // of the query that was read last: what is inside it is read
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const sql::Token& token = tokens[i];
    if (token.kind == sql::TokenKind::word && tokens[i + 1].is("(")) {
      uses.functions.insert(token.lower);
      add_call(tokens, i, uses);
    }
    const bool query = token.is("(") && (tokens[i + 1].is("select") || tokens[i + 1].is("with"));
    if (!query || i < behind) continue;
    const std::size_t end = closing(tokens, i);
    if (end == tokens.size()) continue;
    const std::size_t from = tokens[i + 1].offset;
    add_query(std::string(body.substr(from, tokens[end].offset - from)), uses);
    behind = end;
  }
}

void add_type_uses(std::string_view declaration, Uses& uses) {
  const std::vector<sql::Token> tokens = sql::tokenize(declaration);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == sql::TokenKind::quoted_identifier) {
      uses.types.insert(std::string(declaration.substr(tokens[i].offset + 1, tokens[i].length - 2)));
    } else if (tokens[i].kind == sql::TokenKind::word) {
      uses.types.insert(tokens[i].lower);
    }
  }
}

}  // namespace dbtool::lint
