#include "lint/clients.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "lint/row_loop.h"
#include "lint/safe_way.h"
#include "model/release.h"
#include "sql/block.h"

namespace dbtool::lint {
namespace {

constexpr std::size_t most_names = 4;

std::string some_of(const std::vector<std::string>& names) {
  const std::vector<std::string> first(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most_names)));
  const std::size_t rest = names.size() - first.size();
  return join(first, ", ") + (rest > 0 ? " and " + std::to_string(rest) + " more" : "");
}

/// The version that names the method first; 0: none.
int first_version(const Project& project, const std::string& method) {
  const auto found = project.method_index.find(method);
  return found == project.method_index.end() || found->second.empty() ? 0 : found->second.front().version;
}

std::string in_order_of_file(const Project& project, const std::set<std::string>& names) {
  std::vector<std::string> ordered;
  for (const Release& release : project.releases) {
    if (names.contains(release.name)) ordered.push_back(release.name);
  }
  return some_of(ordered);
}

std::string services_text(const Context& context, const std::string& table) {
  std::vector<std::string> services;
  for (const auto& [role, granted] : context.grants.before_drop(table)) services.push_back(role_text(role));
  return some_of(services);
}

}  // namespace

std::vector<Release> releases_calling(const Project& project, const std::string& method, int version) {
  const int since = first_version(project, method);
  std::vector<Release> calling = releases_on(project.releases, version, project.settings.release_support);
  std::erase_if(calling, [&](const Release& release) {
    const int knows = std::min(release.version, project.newest());
    return since == 0 || knows < since || method_state(project, method, knows).deprecated;
  });
  return calling;
}

std::optional<Harm> harm_to(const Context& context, const std::vector<std::string>& methods,
                            const std::string& what) {
  const int version = context.version().number;
  Harm harm;
  harm.known = true;
  std::set<std::string> releases;
  bool older = false;
  for (const std::string& method : methods) {
    const std::vector<Release> calling = releases_calling(context.project, method, version);
    for (const Release& release : calling) {
      releases.insert(release.name);
      older = older || release.version < version;
    }
    if (!calling.empty() || !method_state(context.project, method, version).deprecated)
      harm.methods.push_back(method);
  }
  if (harm.methods.empty()) return std::nullopt;
  harm.severity = releases.empty() ? Severity::warning : Severity::error;
  const bool one = harm.methods.size() == 1;
  harm.message = std::string(one ? "Method " : "Methods ") + some_of(harm.methods) + " still " +
                 (one ? "uses " : "use ") + what;
  if (releases.empty()) {
    harm.message += ".";
    return harm;
  }
  const std::string named = in_order_of_file(context.project, releases);
  harm.message +=
      "; " + named + (releases.size() == 1 ? ", which may run on version " : " may run on version ") +
      std::to_string(version) + (releases.size() == 1 ? ", calls " : " and call ") + (one ? "it." : "them.");
  if (!older) harm.message += " No older release does.";
  return harm;
}

std::optional<Harm> harm_of_losing(const Context& context, const sql::ObjectName& table,
                                   const std::string& what, const std::function<bool(const Uses&)>& needs) {
  const std::string key = table.key();
  const std::vector<std::string> methods = context.functions.methods_on(key, needs);
  if (!methods.empty()) return harm_to(context, methods, what);
  if (context.functions.was_ever_used(key))
    return std::nullopt;  // the way to it is by methods, all free of it
  const bool revoked = context.grants.was_ever_granted(key) && context.grants.before_drop(key).empty();
  if (revoked) return std::nullopt;
  Harm harm;
  harm.message = "No method has ever named " + table.text();
  const std::string services = services_text(context, key);
  harm.message += services.empty()
                      ? ", so nothing shows whether services use it with SQL of their own"
                      : ", but " + services + " may use it with SQL of " +
                            (context.grants.before_drop(key).size() == 1 ? "its own" : "their own");
  const std::vector<Release> running = releases_on(context.project.releases, context.version().number,
                                                   context.project.settings.release_support);
  std::set<std::string> older;
  for (const Release& release : running) {
    if (release.version < context.version().number) older.insert(release.name);
  }
  if (!older.empty()) {
    harm.message += "; " + in_order_of_file(context.project, older) + " may still run on version " +
                    std::to_string(context.version().number);
    if (!services.empty()) harm.severity = Severity::error;
  }
  harm.message += ".";
  return harm;
}

bool was_there(const Context& context, const sql::ObjectName& table) {
  if (table.empty() || table.name.find(sql::dynamic_name) != std::string::npos) return false;
  if (const TableState* state = context.before.table(table)) return !state->temporary;
  for (const Statement& statement : context.script.statements) {
    for (const sql::Action& action : statement.actions) {
      const bool made = action.kind == sql::ActionKind::create_table ||
                        action.kind == sql::ActionKind::create_table_as ||
                        action.kind == sql::ActionKind::create_view;
      if (made && action.table == table) return false;
      const bool named = action.kind == sql::ActionKind::rename_table;
      if (named && action.new_name == table.name) return false;
    }
  }
  return true;
}

void for_each_action(const Context& context, sql::ActionKind kind,
                     const std::function<void(const Statement&, const sql::Action&)>& look) {
  for (const Statement& statement : context.script.statements) {
    if (!is_run_by_script(statement, context.script)) continue;
    for (const sql::Action& action : statement.actions) {
      if (action.kind == kind) look(statement, action);
    }
  }
}

bool uses_column(const Uses& uses, const std::string& table, const std::string& column) {
  const auto use = uses.tables.find(table);
  return use != uses.tables.end() && (use->second.all_columns || use->second.columns.contains(column));
}

std::string free_first(const Context& context, const Harm& harm, const std::string& statement) {
  std::string sql;
  if (!harm.methods.empty()) {
    std::string yaml = "# version " + std::to_string(context.version().number) +
                       ": the methods do without, and nothing goes yet\nmethods:\n";
    for (std::size_t i = 0; i < std::min(harm.methods.size(), most_names); ++i)
      yaml += "  " + harm.methods[i] + ":\n    …\n";
    sql = yaml + "# a later version, when no supported release needs it\nmigrationScript: |-\n  begin\n    " +
          statement + "\n  end\n";
    return sql;
  }
  return "-- a version that comes when no supported release needs it\n" + statement + "\n";
}

Issue issue_of(const Harm& harm, std::string object, const std::string& what) {
  Issue issue;
  issue.object = std::move(object);
  issue.severity = harm.severity;
  issue.message = what + ". " + harm.message;
  issue.advice = harm.known
                     ? "give these methods bodies that do without it, in this version or an earlier one"
                     : "do it when no release that uses it is supported any more, and allow it here "
                       "with that reason";
  return issue;
}

}  // namespace dbtool::lint
