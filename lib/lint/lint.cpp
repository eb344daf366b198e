#include "lint/lint.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "lint/allow.h"
#include "lint/row_loop.h"
#include "lint/rule.h"
#include "lint/script.h"

namespace dbtool::lint {
namespace {

constexpr int strong_lock = 5;  ///< share: writers wait

/// Runs the rules over one project, version by version.
class Judge {
 public:
  Judge(const Project& project, const Options& options) : project_(project), options_(options) {}

  Outcome run() {
    outcome_.plans = options_.plans;
    const int last = options_.versions.empty() ? project_.newest() : *options_.versions.rbegin();
    for (const Version& version : project_.versions) {
      if (version.number > last) break;
      read_version(version);
    }
    std::stable_sort(outcome_.findings.begin(), outcome_.findings.end(),
                     [](const Finding& a, const Finding& b) {
                       return std::tie(a.version, a.place) < std::tie(b.version, b.place);
                     });
    return std::move(outcome_);
  }

 private:
  bool is_judged(int version) const {
    return options_.versions.empty() || options_.versions.contains(version);
  }

  void read_version(const Version& version) {
    const bool judged = is_judged(version.number);
    std::vector<Finding> findings;
    const Script up = read_script(version, Direction::upgrade, true);
    for (auto& [method, tables] : writers_of(up.statements)) writers_[method] = std::move(tables);
    functions_.apply(up);
    grants_.apply(up);
    if (judged) before_ = schema_;
    schema_.begin(version.number);
    walk(up, schema_, judged ? &findings : nullptr);
    for (const Method& method : version.methods) {
      if (!method.body) continue;
      sql::Action made;
      made.kind = sql::ActionKind::create_function;
      made.other.name = method.name;
      made.type = "volatile";
      schema_.apply(made);
    }
    if (!judged) return;
    ++outcome_.versions;
    std::vector<const Script*> scripts{&up};
    Script down;
    if (version.downgrade_script || version.online_downgrade) {
      down = read_script(version, Direction::downgrade, true);
      scripts.push_back(&down);
      Schema below = schema_;
      below.begin(version.number);
      walk(down, below, &findings);
    }
    for (const Finding& finding : options_.explained) {
      if (finding.version == version.number) findings.push_back(finding);
    }
    apply_allowances(project_, scripts, std::move(findings), outcome_);
  }

  /// Judges each statement in the state that those before it left, then lets it change the state.
  void walk(const Script& script, Schema& schema, std::vector<Finding>* findings) {
    std::vector<TakenLock> locks;
    const Context context{project_, script,   schema,  options_.sizes ? *options_.sizes : project_.sizes,
                          locks,    writers_, orders_, functions_,
                          grants_,  before_};
    for (const Statement& statement : script.statements) {
      if (findings != nullptr) judge(statement, context, *findings);
      const bool runs = is_run_by_script(statement, script);
      if (runs) add_locks(statement, context, locks);
      // What a function creates for itself is new inside it; what it alters elsewhere counts when the script
      // calls it.
      for (const sql::Action& action : statement.actions) {
        const bool creates =
            action.kind == sql::ActionKind::create_table || action.kind == sql::ActionKind::create_table_as;
        if (runs || (statement.part == Part::function && creates)) schema.apply(action);
      }
    }
    if (findings != nullptr) judge_script(context, *findings);
    if (!context.is_upgrade()) return;
    for (const TakenLock& lock : locks) orders_[context.version().number].push_back(lock.table);
  }

  static void add_locks(const Statement& statement, const Context& context, std::vector<TakenLock>& locks) {
    for (const sql::Action& action : statement.actions) {
      for (const Lock& lock : effect_of(action, context.schema).locks) {
        if (lock_strength(lock.mode) < strong_lock || !context.is_there(lock.table)) continue;
        const auto known = std::find_if(locks.begin(), locks.end(),
                                        [&](const TakenLock& one) { return one.table == lock.table; });
        if (known == locks.end())
          locks.push_back({lock.table, lock.mode, &statement});
        else if (lock_strength(lock.mode) > lock_strength(known->mode))
          known->mode = lock.mode;
      }
    }
  }

  static void judge_script(const Context& context, std::vector<Finding>& findings) {
    for (const Rule& rule : all_rules()) {
      if (rule.check_script == nullptr || (!rule.downgrades && !context.is_upgrade())) continue;
      Report report(context, rule, findings);
      rule.check_script(context, report);
    }
  }

  void judge(const Statement& statement, const Context& context, std::vector<Finding>& findings) {
    ++outcome_.statements_read;
    if (!statement.parsed && statement.run_as != sql::RunAs::unknown) ++outcome_.not_parsed;
    if (options_.statements) outcome_.statements.push_back(line_of(statement, context));
    for (const Rule& rule : all_rules()) {
      if (rule.check_statement == nullptr || (!rule.downgrades && !context.is_upgrade())) continue;
      Report report(context, rule, findings);
      rule.check_statement(statement, context, report);
    }
  }

  static StatementLine line_of(const Statement& statement, const Context& context) {
    StatementLine line;
    line.version = context.version().number;
    line.downgrade = !context.is_upgrade();
    line.place = statement.place;
    line.function = statement.function;
    line.statement = statement.text;
    line.parsed = statement.parsed;
    for (const sql::Action& action : statement.actions) {
      Effect effect = effect_of(action, context.schema);
      if (!effect.locks.empty() || effect.work != Work::none) line.effects.push_back(std::move(effect));
    }
    return line;
  }

  const Project& project_;
  const Options& options_;
  Schema schema_;
  Writers writers_;
  LockOrders orders_;
  Functions functions_;
  Grants grants_;
  Schema before_;  ///< of the version that is judged
  Outcome outcome_;
};

}  // namespace

bool Outcome::clean() const {
  return only_notes(findings);
}

Outcome lint(const Project& project, const Options& options) {
  return Judge(project, options).run();
}

}  // namespace dbtool::lint
