#include "lint/rules/rules.h"
#include "lint/safe_way.h"

namespace dbtool::lint {
namespace {

using sql::ActionKind;

void check_trigger_lock(const Statement& statement, const Context& context, Report& report) {
  for (const sql::Action& action : statement.actions) {
    const bool toggles = action.kind == ActionKind::toggle_trigger;
    if (!toggles && action.kind != ActionKind::create_trigger) continue;
    if (!context.is_there(action.table)) continue;
    std::string what = "A trigger is made; writers of the table wait, and run it from the commit on";
    if (toggles) {
      what = "Triggers are switched for everybody, services included";
      if (action.name.empty()) what += "; those of foreign keys too, where a superuser does it";
    }
    Issue issue = issue_on(action.table, Work::none, "share row exclusive", what);
    issue.sized_by = {};
    if (!toggles) issue.severity = Severity::note;
    issue.advice =
        toggles ? "let the trigger ask a setting that the session makes" : "keep the version short";
    if (toggles)
      issue.rewrite =
          "-- in the trigger's function\n"
          "if current_setting('dbtool.quiet', true) = 'on' then return new; end if;\n"
          "-- in the script, instead\n"
          "perform set_config('dbtool.quiet', 'on', true);\n";
    report.add(statement, std::move(issue));
  }
}

}  // namespace

Rule trigger_lock_rule() {
  Rule rule;
  rule.name = "trigger-lock";
  rule.severity = Severity::warning;
  rule.reason =
      "Making, enabling or disabling a trigger takes a share row exclusive lock: writers wait until the "
      "version is done. "
      "A disabled trigger is disabled for services as well.";
  rule.bad = "alter table tasks disable trigger all;";
  rule.good = "perform set_config('dbtool.quiet', 'on', true);  -- and the trigger's function asks for it";
  rule.check_statement = check_trigger_lock;
  return rule;
}

}  // namespace dbtool::lint
