#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/event.h"
#include "ledger/ledger.h"
#include "model/project.h"
#include "sql/parse.h"

namespace dbtool::run {

/// A stored function that a step defines, or drops because no earlier version has a body for it.
struct MethodChange {
  enum class Kind { define, drop };
  Kind kind{};
  const Method* method = nullptr;  ///< the definition; for a drop the one that tells the signature
};

/// One transaction: script, methods, verify, version row, ledger.
struct TransactionStep {
  Direction direction{};
  const Version* version = nullptr;
  int expected = 0;  ///< what the version row says before
  int leaves = 0;    ///< and after
  const SqlText* script = nullptr;
  sql::ScriptEffects effects;  ///< of the script
  std::vector<MethodChange> methods;
  const std::vector<SqlText>* verify = nullptr;
  /// Turning round: the functions of the unfinished online migration in this direction are dropped.
  std::optional<Direction> drops_online;
  bool creates_version_table = false;
  bool ends_statements = false;  ///< the last transaction of a version that runs statement by statement
};

/// A version with `transactional: false`: single statements, then one last transaction.
struct StatementsStep {
  Direction direction{};
  const Version* version = nullptr;
  int expected = 0;
  const SqlText* script = nullptr;
  sql::ScriptEffects effects;  ///< of the script
  std::vector<sql::SplitStatement> statements;
  int position = 0;     ///< statements that are done
  int started = 0;      ///< 1-based statement begun outside a transaction by an earlier run; 0: none
  bool turned = false;  ///< the other way had been begun: what a statement makes or drops may be so already
  TransactionStep last;
};

/// Batches of an online migration (or downgrade), until it is complete.
struct OnlineStep {
  Direction direction{};
  const Version* version = nullptr;
  int expected = 0;  ///< what the version row says meanwhile
};

using Step = std::variant<TransactionStep, StatementsStep, OnlineStep>;

/// What is to be done, in order; plain data that points into the project it was made from.
struct Plan {
  Direction direction{};
  int from = 0;
  int goal = 0;
  std::vector<Step> steps;
  /// Why the plan ends before the goal: the online part of this version was put off. 0: it does not.
  int deferred_online = 0;
};

/// What was asked for.
struct Request {
  Direction direction{};
  int goal = 0;
  bool defer_online = false;
};

/// Makes the plan. Pure. Throws Error (usage) for a goal that cannot be meant, Error (failed) for a state in
/// which the goal cannot be reached.
Plan make_plan(const Project& project, const ledger::State& state, const Request& request);

/// "methods only", "script", "online", "statement by statement".
std::string kind_of(const Step& step);
const Version& version_of(const Step& step);
Direction direction_of(const Step& step);
/// What the version row says when a step, or the whole plan, is done.
int version_after(const Step& step);
int version_after(const Plan& plan);
/// The script that runs in that direction; nullptr: none.
const SqlText* script_of(const Version& version, Direction direction);
/// Whether a version has an online migration (or, downwards, an online downgrade): declared, or by functions
/// that its script makes.
bool begins_online(const Version& version, Direction direction);

}  // namespace dbtool::run
