#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lint/effect.h"
#include "lint/functions.h"
#include "lint/grants.h"
#include "lint/schema.h"
#include "lint/script.h"
#include "lint/size.h"
#include "model/finding.h"
#include "model/project.h"

namespace dbtool::lint {

struct Rule;

/// A strong lock that a script takes on a table which was there before it, strongest mode, in the order of
/// first use.
struct TakenLock {
  sql::ObjectName table{};
  std::string mode{};
  const Statement* statement = nullptr;  ///< that takes it first
};

/// Tables by who writes or locks them, in the order in which they are taken.
using Writers = std::map<std::string, std::vector<sql::ObjectName>>;
using LockOrders = std::map<int, std::vector<sql::ObjectName>>;

/// What a rule sees: the statement's version and script, and the schema as it is before the statement.
struct Context {
  const Project& project;
  const Script& script;
  const Schema& schema;  ///< before the statement; in a rule about a whole script: behind its last one
  const std::vector<TableSize>& sizes;
  const std::vector<TakenLock>& locks;  ///< of the script so far
  const Writers& writers;               ///< methods of the versions so far
  const LockOrders& earlier_orders;     ///< upgrade scripts of earlier versions
  const Functions& functions;           ///< after the version's upgrade, its methods included
  const Grants& grants;                 ///< after the version's upgrade
  const Schema& before;                 ///< the schema before the version's upgrade

  const Version& version() const { return *script.version; }
  bool is_upgrade() const { return script.direction == Direction::upgrade; }
  /// The table is there already, and it is no temporary one.
  bool is_there(const sql::ObjectName& table) const {
    return !table.empty() && !schema.is_new(table) && !schema.is_temporary(table);
  }
  /// Work on all of the table hurts: it is there already, and holds rows, itself or in partitions, as far as
  /// is known.
  bool matters(const sql::ObjectName& table) const;
  /// nullptr: not known.
  const TableSize* size(const sql::ObjectName& table) const;
};

/// What a rule found; report() adds rule, version, place, and what the table's size says.
struct Issue {
  std::string object{};        ///< "table tasks", "index i", "method f"
  sql::ObjectName sized_by{};  ///< the table whose size turns the severity; empty: none does
  Work work = Work::none;      ///< for the estimate
  std::string lock{};          ///< "access exclusive", … ; empty: none to speak of
  std::string message{};       ///< what is dangerous, what services cannot do meanwhile; whole sentences
  std::string advice{};        ///< the safe way in one line
  std::string rewrite{};       ///< the safe way as ready SQL or YAML, real names filled in; lines end with \n
  std::optional<Severity> severity{};   ///< instead of the rule's own
  std::optional<std::size_t> offset{};  ///< in the source's text; default: the statement's
};

/// Collects findings while the rules run.
class Report {
 public:
  Report(const Context& context, const Rule& rule, std::vector<Finding>& findings)
      : context_(context), rule_(rule), findings_(findings) {}

  void add(const Statement& statement, Issue issue);
  /// Of the version as a whole, at `place`.
  void add(const Place& place, Issue issue);

 private:
  Finding finding(const Place& place, Issue issue) const;

  const Context& context_;
  const Rule& rule_;
  std::vector<Finding>& findings_;
};

/// One rule: a value. Its file in rules/ holds the checks, rules.cpp the table.
struct Rule {
  std::string_view name;  ///< kebab-case, stable
  Severity severity = Severity::warning;
  std::string_view reason;  ///< one or two sentences
  std::string_view bad;     ///< an example in SQL or YAML that it finds
  std::string_view good;    ///< the same done safely
  bool downgrades = true;   ///< whether downgrade scripts are judged too
  /// For each statement in turn; the context's schema is that before it.
  void (*check_statement)(const Statement&, const Context&, Report&) = nullptr;
  /// Once for each script, after its last statement.
  void (*check_script)(const Context&, Report&) = nullptr;
};

/// What each method writes, in the order of its statements.
Writers writers_of(const std::vector<Statement>& statements);

/// All rules, in the order of their names.
std::span<const Rule> all_rules();
/// nullptr when there is none of that name.
const Rule* find_rule(std::string_view name);

/// A statement on one line, comments left as they are, cut.
std::string one_line(std::string_view text);
/// "table tasks".
std::string table_object(const sql::ObjectName& name);
/// "until it is done, services can neither read nor write tasks"; "" for a mode that does not hinder them.
std::string meanwhile(std::string_view mode, const sql::ObjectName& table);

}  // namespace dbtool::lint
