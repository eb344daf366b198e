#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "environment/probe_catalog.h"
#include "model/version.h"
#include "sql/action.h"
#include "sql/parts.h"

namespace dbtool::environment {

/// Whether a statement may be run on a live database to be rolled back.
struct ProbeVerdict {
  bool runs = true;
  std::string reason{};       ///< why not
  bool takes_time = true;     ///< if it is not run: whether it would take time that grows with rows
  bool builds_index = false;  ///< if it is not run: whether that is all it does
};

/// What a statement does to tables, as far as its text says.
struct ProbeWork {
  std::vector<std::string> reads{};    ///< sql::ObjectName::key of each
  std::vector<std::string> changes{};  ///< updates, deletes or merges into
  std::vector<std::string> fills{};    ///< inserts into
  std::vector<std::string> makes{};    ///< tables that it creates
  std::vector<std::string> indexes{};  ///< tables on which it builds an index or which it alters
};

/// Tells the statements that can be tried and taken back from those that keep the services from their tables,
/// reach outside of the database, or do what a rollback does not undo.
class ProbeRules {
 public:
  explicit ProbeRules(ProbeCatalog catalog) : catalog_(std::move(catalog)) {}

  /// `part` in its place of the script, everything before it judged.
  ProbeVerdict judge(const sql::BlockPart& part) const;
  /// Why no text that calls what this one names can be tried, such as declarations; empty: it can.
  std::string fault_of(const std::string& text) const;
  /// A statement that was judged to run, or that stands for itself: its tables and functions are the script's
  /// own from now on.
  void take_in(const sql::BlockPart& part);

  /// Why nothing can be tried, since event triggers run at every view that is made; empty: it can.
  const std::string& event_trigger_fault() const { return catalog_.event_trigger_fault; }

  bool is_made(const std::string& table) const { return made_.contains(table); }
  bool is_partitioned(const std::string& table) const { return catalog_.partitioned.contains(table); }
  /// Sequences from which a row that is inserted draws a number, and those that the text names in `nextval`.
  std::vector<std::string> sequences_of(const sql::BlockPart& part) const;

  static ProbeWork work_of(const sql::BlockPart& part);

 private:
  ProbeVerdict judge(const sql::BlockStatement& statement) const;
  ProbeVerdict judge(const sql::Action& action, const std::string& text) const;

  ProbeCatalog catalog_;        ///< with the functions of the script
  std::set<std::string> made_;  ///< relations, by the script
};

/// The batch statement of an online migration, as the rules read it: without its ranges.
sql::BlockPart batch_part(const OnlineDeclaration& declaration, const std::string& user_prefix);

}  // namespace dbtool::environment
