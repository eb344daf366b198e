#include "environment/probe_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "environment/probe_kinds.h"
#include "online/key.h"
#include "run/step_sql.h"
#include "sql/token.h"
#include "sql/tree.h"

namespace dbtool::environment {

namespace {

using sql::ActionKind;

std::string key_of(const sql::StrongLock& lock) {
  return sql::ObjectName{lock.schema, lock.table}.key();
}

ProbeVerdict refused(std::string reason, bool takes_time = true) {
  return {false, std::move(reason), takes_time, false};
}

std::vector<nlohmann::json> nodes_of(const std::string& text) {
  std::vector<nlohmann::json> nodes;
  for (const nlohmann::json& item : sql::parse_tree(std::string(sql::without_prefix_variable(text))))
    nodes.push_back(item.at("stmt"));
  return nodes;
}

std::string words_of(std::string_view text) {
  return excerpt(text, 60);
}

/// A function as `create function` makes it: its texts are its body.
FunctionFaults::Function function_of(const std::string& text) {
  FunctionFaults::Function function{"sql", true, ""};
  const std::vector<sql::Token> tokens = sql::tokenize(text);
  bool has_body = false;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at].is("language") && at + 1 < tokens.size()) function.language = tokens[at + 1].lower;
    if (tokens[at].kind != sql::TokenKind::string) continue;
    has_body = true;
    function.body += sql::string_value(text, tokens[at]) + "\n";
  }
  if (!has_body) function.body = text;
  function.trusted = function.language == "sql" || function.language == "plpgsql";
  return function;
}

void add(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

ProbeVerdict ProbeRules::judge(const sql::Action& action, const std::string& text) const {
  const std::string table = action.table.key();
  if (is_of_table(action) && is_made(table)) return {};
  if (action.kind == ActionKind::create_index && action.concurrently)
    return {false, "runs outside of a transaction", true, true};
  if (is_partitioned(table) &&
      (action.kind == ActionKind::update_rows || action.kind == ActionKind::delete_rows ||
       action.kind == ActionKind::merge_rows))
    return refused(fmt::format("{} is partitioned: its rows cannot be sampled", table));
  if (catalog_.foreign.contains(table))
    return refused(fmt::format("{} is a foreign table: it is outside of this database", table));
  const bool changes_rows = action.kind == ActionKind::update_rows ||
                            action.kind == ActionKind::delete_rows || action.kind == ActionKind::merge_rows ||
                            action.kind == ActionKind::insert_rows;
  if (changes_rows && catalog_.existing.contains(table) && !catalog_.ordinary.contains(table))
    return refused(fmt::format(
        "{} is no ordinary table of schema public: what it changes cannot be kept to a sample", table));
  if ((action.kind == ActionKind::delete_rows || action.kind == ActionKind::merge_rows) &&
      catalog_.cascading.contains(table))
    return refused(
        fmt::format("what is deleted from {} changes rows of other tables, by their foreign keys", table));
  if (is_tried(action)) return {};
  ProbeVerdict verdict = refused("", !is_quick(action));
  verdict.builds_index = is_index_build(action);
  switch (action.kind) {
    case ActionKind::call_function:
      verdict.reason = "a block in a block: what it does is not looked into";
      break;
    case ActionKind::transaction:
      verdict.reason = "ends or begins a transaction";
      break;
    case ActionKind::copy_rows:
      verdict.reason = "reads or writes files";
      break;
    default:
      verdict.reason = verdict.takes_time ? fmt::format("not tried on a live database: {}", words_of(text))
                                          : std::string("changes the catalog alone, takes a moment");
  }
  return verdict;
}

ProbeVerdict ProbeRules::judge(const sql::BlockStatement& statement) const {
  using sql::RunAs;
  const std::string& text = statement.statement.text;
  if (statement.run_as == RunAs::formatted || statement.run_as == RunAs::concatenated ||
      statement.run_as == RunAs::unknown)
    return refused("its text is made while it runs: what it does cannot be known before");
  const std::vector<nlohmann::json> nodes = nodes_of(text);
  // PL/pgSQL's own statements are none of SQL's.
  static const std::set<std::string, std::less<>> own_words{"raise",    "return", "null",   "exit",
                                                            "continue", "get",    "assert", "close"};
  const auto tokens = sql::tokenize(text);
  if (!tokens.empty() && own_words.contains(tokens.front().lower)) return {};
  if (nodes.empty()) return refused("not understood");

  std::vector<sql::Action> actions;
  for (const nlohmann::json& node : nodes) {
    const std::string kind = node.begin().key();
    if (kind == "CopyStmt") return refused("copies from or to what is outside of the database");
    if (kind == "CallStmt") return refused("calls a procedure, which may end the transaction");
    for (const std::string& function : sql::called_functions(node)) {
      if (function == "set_config") return refused("settings and notifications are left out", false);
      std::string fault = catalog_.functions.fault_of(function);
      if (!fault.empty()) return refused(std::move(fault));
    }
    if (kind == "VariableSetStmt" || kind == "ConstraintsSetStmt" || kind == "NotifyStmt")
      return refused("settings and notifications are left out", false);
    for (sql::Action& action : sql::read_actions(node, text)) actions.push_back(std::move(action));
  }

  std::optional<ProbeVerdict> first;
  bool takes_time = false;
  bool only_builds = true;
  const auto note = [&](const sql::Action& action, ProbeVerdict verdict) {
    takes_time = takes_time || !is_quick(action);
    only_builds = only_builds && (is_quick(action) || is_index_build(action));
    if (!verdict.runs && !first) first = std::move(verdict);
  };
  for (const sql::Action& action : actions) {
    note(action, judge(action, text));
    for (const std::string& table : {action.table.key()}) {
      const auto triggers = catalog_.triggers.find(table);
      if (triggers == catalog_.triggers.end() || is_made(table)) continue;
      for (const std::string& function : triggers->second) {
        const std::string fault = catalog_.functions.fault_of(function);
        if (!fault.empty()) return refused(fmt::format("a trigger of {}: {}", table, fault));
      }
    }
  }
  for (const sql::StrongLock& lock : sql::effects_of_statements(text).locks) {
    const std::string table = key_of(lock);
    if (is_made(table) || !catalog_.existing.contains(table)) continue;
    ProbeVerdict verdict = refused(
        lock.of_index
            ? fmt::format("locks the table of index {} ({}): the services would wait", table, lock.mode)
            : fmt::format("locks {} ({}): services could not {} meanwhile", table, lock.mode,
                          lock.mode == "access exclusive" ? "read or write it" : "write it"));
    first = std::move(verdict);
    break;
  }
  if (!first) return {};
  first->takes_time = takes_time;
  first->builds_index = takes_time && only_builds;
  return *first;
}

std::string ProbeRules::fault_of(const std::string& text) const {
  for (const sql::Token& token : sql::tokenize(text)) {
    if (token.kind != sql::TokenKind::word) continue;
    std::string fault = catalog_.functions.fault_of(token.lower);
    if (!fault.empty()) return fault;
  }
  return {};
}

ProbeVerdict ProbeRules::judge(const sql::BlockPart& part) const {
  std::optional<ProbeVerdict> first;
  bool takes_time = false;
  bool only_builds = true;
  for (const sql::BlockStatement& statement : part.statements) {
    ProbeVerdict verdict = judge(statement);
    if (verdict.runs) {
      only_builds = false;
      continue;
    }
    takes_time = takes_time || verdict.takes_time;
    only_builds = only_builds && (verdict.builds_index || !verdict.takes_time);
    if (!first) first = std::move(verdict);
  }
  // What stands outside of statements: conditions, assignments.
  if (!part.is_plain && !first) {
    std::string fault = fault_of(part.text);
    if (!fault.empty()) return refused(std::move(fault));
  }
  if (!first) return {};
  first->takes_time = takes_time || part.statements.size() > 1;
  first->builds_index = first->takes_time && only_builds;
  return *first;
}

void ProbeRules::take_in(const sql::BlockPart& part) {
  for (const sql::BlockStatement& statement : part.statements) {
    const std::string& text = statement.statement.text;
    for (const nlohmann::json& node : nodes_of(text)) {
      for (const sql::Action& action : sql::read_actions(node, text)) {
        if ((action.kind == ActionKind::create_table || action.kind == ActionKind::create_table_as) &&
            !catalog_.existing.contains(action.table.key()))
          made_.insert(action.table.key());
        if (action.kind == ActionKind::rename_table && is_made(action.table.key()))
          made_.insert(action.new_name);
        if (action.kind == ActionKind::create_index && is_made(action.table.key()) && !action.name.empty())
          made_.insert(action.name);
        if (action.kind == ActionKind::create_function)
          catalog_.functions.add(action.other.name, function_of(text));
      }
    }
  }
}

std::vector<std::string> ProbeRules::sequences_of(const sql::BlockPart& part) const {
  std::vector<std::string> found;
  for (const std::string& table : work_of(part).fills) {
    if (is_made(table)) continue;
    const auto sequences = catalog_.sequences.find(table);
    if (sequences == catalog_.sequences.end()) continue;
    for (const std::string& sequence : sequences->second) add(found, sequence);
  }
  const std::vector<sql::Token> tokens = sql::tokenize(part.text);
  for (std::size_t at = 0; at + 2 < tokens.size(); ++at) {
    if (tokens[at].is("nextval") && tokens[at + 2].kind == sql::TokenKind::string)
      add(found, sql::string_value(part.text, tokens[at + 2]));
  }
  return found;
}

ProbeWork ProbeRules::work_of(const sql::BlockPart& part) {
  ProbeWork work;
  for (const sql::BlockStatement& statement : part.statements) {
    const std::string& text = statement.statement.text;
    for (const nlohmann::json& node : nodes_of(text)) {
      for (const sql::Action& action : sql::read_actions(node, text)) {
        for (const sql::ObjectName& other : action.others) add(work.reads, other.key());
        switch (action.kind) {
          case ActionKind::update_rows:
          case ActionKind::delete_rows:
          case ActionKind::merge_rows:
            add(work.changes, action.table.key());
            break;
          case ActionKind::insert_rows:
            add(work.fills, action.table.key());
            break;
          case ActionKind::create_table:
          case ActionKind::create_table_as:
            add(work.makes, action.table.key());
            if (action.kind == ActionKind::create_table_as) add(work.fills, action.table.key());
            break;
          default:
            add(work.indexes, action.table.key());
        }
      }
    }
  }
  return work;
}

sql::BlockPart batch_part(const OnlineDeclaration& declaration, const std::string& user_prefix) {
  sql::BlockPart part;
  part.text = online::without_ranges(run::substitute_prefix(declaration.batch.text, user_prefix));
  part.is_plain = true;
  part.statements.push_back({{part.text, 0}, sql::RunAs::statement, 0, 0, 0, false});
  return part;
}

}  // namespace dbtool::environment
