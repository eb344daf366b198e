#include "lint/lint.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <set>
#include <utility>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/context.h"
#include "cli/findings.h"
#include "cli/reporting.h"
#include "cli/table.h"
#include "lint/explain.h"
#include "lint/live_sizes.h"
#include "lint/rule.h"
#include "report/findings.h"
#include "revision/changes.h"
#include "scratch/batch_plans.h"

namespace dbtool::cli {

namespace {

constexpr std::size_t statement_columns = 60;

// -- which versions -----------------------------------------------------------------------------------------

int version_number(std::string_view text, int newest) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > newest)
    throw Error(ExitCode::usage, fmt::format("'{}' is none of the versions 1..{}", text, newest),
                "write lint 31, lint 20..31, lint 20.. or lint ..31");
  return number;
}

/// Versions of "20..31", "20..", "..31" or "31".
std::set<int> versions_of(const std::string& range, int newest) {
  const std::size_t dots = range.find("..");
  int from = 1;
  int to = newest;
  if (dots == std::string::npos) {
    from = to = version_number(range, newest);
  } else {
    const std::string_view view(range);
    if (dots > 0) from = version_number(view.substr(0, dots), newest);
    if (dots + 2 < range.size()) to = version_number(view.substr(dots + 2), newest);
  }
  if (from > to)
    throw Error(ExitCode::usage, fmt::format("{} stands behind {}", from, to), "write the lower one first");
  std::set<int> versions;
  for (int version = from; version <= to; ++version) versions.insert(version);
  return versions;
}

// -- rules --------------------------------------------------------------------------------------------------

std::string rules_text(const Context& context) {
  std::vector<std::vector<std::string>> rows;
  auto array = nlohmann::ordered_json::array();
  for (const lint::Rule& rule : lint::all_rules()) {
    rows.push_back({std::string(rule.name), to_text(rule.severity), std::string(rule.reason)});
    array.push_back({{"rule", rule.name}, {"severity", to_text(rule.severity)}, {"reason", rule.reason}});
  }
  return context.json() ? array.dump() + "\n"
                        : render_table({"rule", "severity", "reason"}, rows, context.style());
}

std::string indented(std::string_view text) {
  std::string out;
  for (const std::string_view line : split_lines(text)) out += "  " + std::string(line) + "\n";
  return out;
}

std::string explanation(const Context& context, const std::string& name) {
  const lint::Rule* rule = lint::find_rule(name);
  if (rule == nullptr) {
    std::vector<std::string> names;
    for (const lint::Rule& one : lint::all_rules()) names.emplace_back(one.name);
    throw Error(ExitCode::usage, fmt::format("there is no rule '{}'{}", name, did_you_mean(name, names)),
                "dbtool lint --rules lists them");
  }
  if (context.json()) {
    const nlohmann::ordered_json json{{"rule", rule->name},
                                      {"severity", to_text(rule->severity)},
                                      {"reason", rule->reason},
                                      {"bad", rule->bad},
                                      {"good", rule->good}};
    return json.dump() + "\n";
  }
  return fmt::format("{} ({})\n\n{}\n\n{}\n{}\n{}\n{}\n{}\n  -- lint: allow {}: why it does no harm here\n",
                     context.style().bold(rule->name), to_text(rule->severity), rule->reason,
                     "dangerous:", indented(rule->bad), "safe:", indented(rule->good),
                     "to allow it, on the line before the statement:", rule->name);
}

// -- the result ---------------------------------------------------------------------------------------------

std::string shown_locks(const lint::Effect& effect) {
  std::vector<std::string> parts;
  for (const lint::Lock& lock : effect.locks) parts.push_back(lock.mode + " on " + lock.table.text());
  return join(parts, ", ");
}

/// What services cannot do, by the strongest of the locks.
std::string shown_hindrance(const lint::Effect& effect) {
  std::string_view strongest;
  for (const lint::Lock& lock : effect.locks) {
    if (lint::lock_strength(lock.mode) > lint::lock_strength(strongest)) strongest = lock.mode;
  }
  return lint::services_cannot(strongest);
}

std::string statements_text(const lint::Outcome& outcome, const Style& style) {
  std::vector<std::vector<std::string>> rows;
  for (const lint::StatementLine& line : outcome.statements) {
    const std::string what = shorten(one_line(line.statement), statement_columns);
    const std::string where = to_text(line.place);
    if (!line.parsed) rows.push_back({where, what, "unknown: the parser does not know it", "", ""});
    for (const lint::Effect& effect : line.effects)
      rows.push_back(
          {where, what, shown_locks(effect), lint::work_text(effect.work), shown_hindrance(effect)});
  }
  if (rows.empty()) return "";
  return render_table({"where", "statement", "locks", "and", "services can"}, rows, style) + "\n";
}

std::string allowed_text(const lint::Outcome& outcome) {
  std::string text;
  for (const lint::Allowed& allowed : outcome.allowed)
    text += fmt::format("allowed {}  {}  {}  ({})\n", allowed.finding.object, allowed.finding.rule,
                        to_text(allowed.finding.place), allowed.reason);
  return text;
}

std::string as_text(const lint::Outcome& outcome, const Style& style) {
  std::string text = statements_text(outcome, style);
  text += report::to_text(outcome.findings, severity_paint(style));
  text += allowed_text(outcome);
  const std::string summary = findings_summary(outcome.findings);
  text += fmt::format("{}; {} version{}, {} statements",
                      outcome.clean() ? style.green(summary) : style.red(summary), outcome.versions,
                      outcome.versions == 1 ? "" : "s", outcome.statements_read);
  if (outcome.not_parsed > 0) text += fmt::format(", {} not understood and not judged", outcome.not_parsed);
  if (outcome.plans > 0) text += fmt::format(", {} plan{}", outcome.plans, outcome.plans == 1 ? "" : "s");
  if (!outcome.allowed.empty()) text += fmt::format(", {} allowed", outcome.allowed.size());
  return text + "\n";
}

nlohmann::ordered_json statements_json(const lint::Outcome& outcome) {
  auto array = nlohmann::ordered_json::array();
  for (const lint::StatementLine& line : outcome.statements) {
    auto effects = nlohmann::ordered_json::array();
    for (const lint::Effect& effect : line.effects) {
      auto locks = nlohmann::ordered_json::array();
      for (const lint::Lock& lock : effect.locks)
        locks.push_back({{"table", lock.table.text()}, {"mode", lock.mode}});
      effects.push_back({{"locks", locks},
                         {"work", lint::work_text(effect.work)},
                         {"services_can", shown_hindrance(effect)}});
    }
    array.push_back({{"version", line.version},
                     {"downgrade", line.downgrade},
                     {"file", line.place.file},
                     {"line", line.place.line},
                     {"function", line.function},
                     {"statement", line.statement},
                     {"parsed", line.parsed},
                     {"effects", effects}});
  }
  return array;
}

std::string as_json(const lint::Outcome& outcome, bool with_statements) {
  auto allowed = nlohmann::ordered_json::array();
  for (const lint::Allowed& one : outcome.allowed) {
    auto finding = nlohmann::ordered_json::parse(report::to_json({one.finding})).at(0);
    finding["reason"] = one.reason;
    allowed.push_back(std::move(finding));
  }
  nlohmann::ordered_json json{{"clean", outcome.clean()},
                              {"findings", nlohmann::ordered_json::parse(report::to_json(outcome.findings))},
                              {"allowed", allowed},
                              {"versions", outcome.versions},
                              {"statements_read", outcome.statements_read},
                              {"not_understood", outcome.not_parsed},
                              {"plans", outcome.plans}};
  if (with_statements) json["statements"] = statements_json(outcome);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// -- judging ------------------------------------------------------------------------------------------------

/// "Why.\n\nDangerous: … Safe: …" in Markdown.
report::Rule described(const lint::Rule& rule) {
  return {std::string(rule.name), rule.severity, std::string(rule.reason),
          fmt::format("{}\n\nDangerous:\n\n```\n{}\n```\n\nSafe:\n\n```\n{}\n```\n", rule.reason,
                      trim(rule.bad), trim(rule.good))};
}

/// One test case a version that was judged.
std::vector<report::Case> cases_of(const Project& project, const std::set<int>& judged) {
  std::vector<report::Case> cases;
  for (const Version& version : project.versions)
    if (judged.contains(version.number))
      cases.push_back({fmt::format("version {}", version.number), version.number, version.place.file});
  return cases;
}

/// The versions to judge: those asked for, of them those that are new or changed since --since.
std::set<int> judged_versions(Context& context, const Arguments& arguments, std::vector<Finding>& findings) {
  const bool runs = arguments.has("scratch") || arguments.has("scratch-url");
  const Project& project = runs ? context.project() : context.project_to_judge();
  std::set<int> versions = versions_of(arguments.text("FROM..TO").value_or(".."), project.newest());
  const auto since = arguments.text("since");
  if (!since) return versions;
  revision::Changes changes = revision::changes_since(project, *since, context.environment());
  if (!changes.warning.empty()) context.note("warning: " + changes.warning);
  std::erase_if(versions, [&](int version) { return !changes.versions.contains(version); });
  findings = std::move(changes.findings);
  return versions;
}

/// Asks the database for the plans of the online batches of these versions.
lint::Explained explained_by(pg::Connection& connection, const Project& project,
                             const std::set<int>& versions) {
  lint::Explained all;
  for (const Version& version : project.versions) {
    if (!versions.contains(version.number)) continue;
    for (const auto direction : {lint::Direction::upgrade, lint::Direction::downgrade})
      all.add(lint::explain_batches(connection, version, direction));
  }
  return all;
}

/// The same of a throwaway database, which stands at each version in turn.
lint::Explained explained_in_scratch(Context& context, const std::set<int>& versions) {
  const scratch::HostOptions host{context.arguments().text("scratch-url").value_or(""), 0};
  lint::Explained all = scratch::batch_plans(context.project(), host, context.clock(), context.interrupts(),
                                             context.observer(), versions);
  context.finish_progress();
  return all;
}

lint::Outcome lint_versions(Context& context, const Arguments& arguments, const std::set<int>& versions) {
  if (versions.empty()) return {};
  lint::Options options;
  options.versions = versions;
  options.statements = arguments.has("verbose");
  const bool scratch = arguments.has("scratch") || arguments.has("scratch-url");
  lint::Explained explained;
  if (arguments.has("url") || arguments.has("target") || arguments.has("local")) {
    pg::Connection connection = context.connect();
    options.sizes = lint::read_live_sizes(connection);
    if (!scratch) explained = explained_by(connection, context.project(), versions);
  }
  if (scratch) explained = explained_in_scratch(context, versions);
  for (const std::string& note : explained.notes) context.note("note: " + note);
  options.explained = std::move(explained.findings);
  options.plans = explained.statements;
  return lint::lint(context.project(), options);
}

Judgement judge(Context& context, const Arguments& arguments) {
  std::vector<Finding> changed;
  const std::set<int> versions = judged_versions(context, arguments, changed);
  lint::Outcome outcome = lint_versions(context, arguments, versions);
  outcome.findings.insert(outcome.findings.begin(), changed.begin(), changed.end());
  Judgement judgement;
  judgement.text = as_text(outcome, context.style());
  judgement.json = as_json(outcome, arguments.has("verbose"));
  judgement.findings = std::move(outcome.findings);
  for (lint::Allowed& one : outcome.allowed)
    judgement.allowed.push_back({std::move(one.finding), std::move(one.reason)});
  for (const lint::Rule& rule : lint::all_rules()) judgement.rules.push_back(described(rule));
  judgement.cases = cases_of(context.project(), versions);
  return judgement;
}

ExitCode run_lint(Context& context, const Arguments& arguments) {
  if (arguments.has("rules")) {
    context.print(rules_text(context));
    return ExitCode::done;
  }
  if (const auto rule = arguments.text("explain")) {
    context.print(explanation(context, *rule));
    return ExitCode::done;
  }
  return report_findings(context, [&] { return judge(context, arguments); });
}

}  // namespace

Command lint_command() {
  Command command;
  command.name = "lint";
  command.summary = "say which statements of the version files are dangerous, and the safe way";
  command.description =
      "Reads the version files alone; no server is needed. Tables' sizes (schema/sizes.yml, or the database "
      "where --url, --target or --local names one) make a finding a note or an error; such a database is "
      "also "
      "asked for the plans of online batches, without running them; --scratch asks a throwaway database that "
      "stands at each version instead. -v shows every statement with the locks "
      "it takes. Ends with 3 on an error or a warning; notes never count.";
  command.operands = {{"FROM..TO", "versions to judge: 31, 20..31, 20.., ..31 (default: all)"}};
  command.options = {
      {"rules", 0, "", "list every rule with its severity and its reason"},
      {"explain", 0, "RULE", "tell of one rule: why, a dangerous and a safe example"},
      {"since", 0, "REV",
       "only versions that are new or changed since a git revision, e.g. origin/main; a changed one "
       "that a release has is a finding"},
      {"scratch", 0, "",
       "run the versions in a throwaway database and ask it for the plans of online batches"},
      {"scratch-url", 0, "URL", "as --scratch, on that server instead of a private one; it is dropped"}};
  for (OptionSpec& option : report_options()) command.options.push_back(std::move(option));
  command.examples = {"dbtool lint --since origin/main --output sarif=lint.sarif",
                      "dbtool lint --explain create-index-not-concurrently"};
  command.run = run_lint;
  return command;
}

}  // namespace dbtool::cli
