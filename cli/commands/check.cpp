#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/findings.h"
#include "cli/reporting.h"
#include "ledger/ledger.h"
#include "report/findings.h"

namespace dbtool::cli {

namespace {

std::string as_json(const check::Outcome& outcome) {
  return fmt::format(
      R"({{"version": {}, "clean": {}, "findings": {}, "compared": {{"tables": {}, "functions": {}, "grants": {}}}, "ignored": {}}})"
      "\n",
      outcome.version, outcome.clean(), report::to_json(outcome.findings), outcome.tables, outcome.functions,
      outcome.grants, outcome.ignored);
}

std::string as_text(const check::Outcome& outcome, const std::string& name, const Style& style) {
  std::string text = fmt::format("{} at {}: {}\n", name.empty() ? "database" : name, outcome.version,
                                 outcome.clean() ? style.green(findings_summary(outcome.findings))
                                                 : style.red(findings_summary(outcome.findings)));
  text += report::to_text(outcome.findings, severity_paint(style));
  text += fmt::format("compared {} tables, {} functions, {} grants; ignored {}", outcome.tables,
                      outcome.functions, outcome.grants, outcome.ignored);
  if (!outcome.ignored_reasons.empty())
    text += fmt::format(" ({})", fmt::join(outcome.ignored_reasons, "; "));
  return text + "\n";
}

Judgement judge(Context& context) {
  const Project& project = context.project();
  pg::Connection connection = context.connect();
  const ledger::State state = ledger::read_state(connection, project.settings);
  const check::Outcome outcome =
      check::check(connection, project, state.version, state.online ? state.online->version : 0);
  const std::string& name = state.name.empty() ? project.settings.name : state.name;
  Judgement judgement;
  judgement.findings = outcome.findings;
  judgement.text = as_text(outcome, name, context.style());
  judgement.json = as_json(outcome);
  return judgement;
}

}  // namespace

Command check_command() {
  Command command;
  command.name = "check";
  command.summary = "compare the live schema with the declared one";
  command.description =
      "Tables and grants are compared with tables.yml and access.yml at the newest version, stored functions "
      "with the version files at any, users' attributes and memberships always. Changes nothing. Ends with 3 "
      "when something differs.";
  command.examples = {"dbtool --local check", "dbtool --target firefox-ci --format json check"};
  command.options = report_options();
  command.run = [](Context& context, const Arguments&) {
    return report_findings(context, [&] { return judge(context); });
  };
  return command;
}

}  // namespace dbtool::cli
