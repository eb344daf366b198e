#include "check/check.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <set>

#include "catalog/declared.h"
#include "catalog/full.h"
#include "catalog/methods.h"
#include "catalog/read.h"
#include "check/access.h"
#include "check/full.h"
#include "check/judged.h"
#include "check/methods.h"
#include "check/tables.h"
#include "pg/quote.h"

namespace dbtool::check {
namespace {

Finding note(std::string rule, std::string object, std::string found, std::string advice) {
  Finding finding;
  finding.severity = Severity::note;
  finding.rule = std::move(rule);
  finding.object = std::move(object);
  finding.found = std::move(found);
  finding.advice = std::move(advice);
  return finding;
}

void append(std::vector<Judged>& all, std::vector<Judged> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

int declared_grants(const Project& project) {
  std::size_t count = 0;
  for (const ServiceAccess& service : project.access) count += service.tables.size();
  return static_cast<int>(count);
}

/// Worst first, then by object: the order in which people read.
void sort(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return a.severity != b.severity ? a.severity > b.severity : a.object < b.object;
  });
}

/// Puts aside what the settings ignore.
void keep(std::vector<Judged> judged, const Settings& settings, Outcome& outcome) {
  for (Judged& one : judged) {
    const IgnoreRule* rule = ignored_by(settings.ignore, one);
    if (rule == nullptr) {
      outcome.findings.push_back(std::move(one.finding));
      continue;
    }
    ++outcome.ignored;
    std::vector<std::string>& reasons = outcome.ignored_reasons;
    if (!rule->reason.empty() && std::find(reasons.begin(), reasons.end(), rule->reason) == reasons.end()) {
      reasons.push_back(rule->reason);
    }
  }
}

bool is_method_of(const Version& version, const Judged& judged) {
  return std::any_of(version.methods.begin(), version.methods.end(), [&](const Method& method) {
    return judged.kind == "function" &&
           std::find(judged.names.begin(), judged.names.end(), method.name) != judged.names.end();
  });
}

// Methods of a version whose online part is open may stand in a form that serves both sides.
void soften(std::vector<Judged>& functions, const Version& open) {
  for (Judged& judged : functions) {
    if (!is_method_of(open, judged)) continue;
    judged.finding.severity = Severity::note;
    judged.finding.advice = "the online part of version " + std::to_string(open.number) +
                            " is unfinished; judged when it is done";
  }
}

}  // namespace

bool Outcome::clean() const {
  return only_notes(findings);
}

namespace {

/// Depths "declared" and "methods": what they find, and what they compared.
std::vector<Judged> judge(pg::Connection& connection, const Project& project, int version, int open_online,
                          std::optional<Sides> sides, Outcome& outcome) {
  const catalog::Methods methods = sides ? std::move(sides->methods) : catalog::methods_at(project, version);
  const catalog::Request request{project.settings.version_table, service_users(project),
                                 catalog::type_spellings(methods)};
  const catalog::Live live =
      sides ? catalog::read(connection, request, std::move(sides->live)) : catalog::read(connection, request);
  const bool at_newest = version == project.newest();
  const bool has_prefix = !project.settings.user_prefix.empty();
  outcome.version = version;
  outcome.functions = static_cast<int>(methods.expected.size());

  // Methods and grants cost the most, and are of no concern to each other.
  std::future<std::vector<Judged>> judged_methods =
      std::async(std::launch::async, [&] { return check_methods(methods, live); });
  std::vector<Judged> judged;
  if (at_newest) {
    const catalog::Schema declared = sides ? std::move(sides->declared) : catalog::declared_tables(project);
    append(judged, check_tables(declared, live));
    outcome.tables = static_cast<int>(project.tables.size());
  } else {
    outcome.findings.push_back(note("not-judged", "tables and grants",
                                    "not judged: the files declare version " +
                                        std::to_string(project.newest()) + ", the database is at " +
                                        std::to_string(version),
                                    ""));
  }
  if (has_prefix) {
    append(judged, check_users(project, version, live.objects));
    if (at_newest) {
      append(judged, check_grants(project, connection.user(), live.objects));
      outcome.grants = declared_grants(project);
    }
  } else if (!project.access.empty()) {
    outcome.findings.push_back(note("not-judged", "users and grants", "not judged: no user prefix is given",
                                    "give --user-prefix, or userPrefix in dbtool.yml"));
  }
  std::vector<Judged> functions = judged_methods.get();
  if (open_online > 0 && open_online <= project.newest()) soften(functions, project.version(open_online));
  append(judged, std::move(functions));
  return judged;
}

/// Who should own everything: the role of the settings, or whoever owns the version table.
std::string expected_owner(pg::Connection& connection, const Settings& settings) {
  if (!settings.role.empty()) return settings.role;
  const pg::Result owner =
      connection.query("select pg_get_userbyid(relowner) from pg_class where oid = to_regclass($1)",
                       {pg::quote_qualified(settings.version_table)});
  return owner.rows() == 0 ? connection.user() : std::string(owner.text(0, 0));
}

/// Puts the objects of one kind, in order, at their place among those of others.
void insert(Catalog of_one_kind, Catalog& all) {
  if (of_one_kind.empty()) return;
  all.insert(std::lower_bound(all.begin(), all.end(), of_one_kind.front()),
             std::move_iterator(of_one_kind.begin()), std::move_iterator(of_one_kind.end()));
}

/// Full catalogs quote names where SQL asks for it, the declared files' findings do not.
std::string unquoted(std::string name) {
  std::erase(name, '"');
  return name;
}

/// "grant ci_queue on column public.t.a" or "… on view public.v" as a grant on the table: "ci_queue on t".
std::string table_grant(const std::string& object) {
  std::string name = unquoted(object.substr(object.find(' ') + 1));
  for (const std::string_view kind : {" on column public.", " on view public.",
                                      " on materialized view public.", " on foreign table public."}) {
    const std::size_t at = name.find(kind);
    if (at == std::string::npos) continue;
    name = name.substr(0, at) + " on " + name.substr(at + kind.size());
    return kind == " on column public." ? name.substr(0, name.rfind('.')) : name;
  }
  return name;
}

bool is_of_open_online(const catalog::Change& change, int version) {
  const Object& object =
      change.difference.found != nullptr ? *change.difference.found : *change.difference.expected;
  const std::string number = std::to_string(version);
  return change.difference.expected == nullptr && object.kind == "function" &&
         (object.identity.find(".online_migration_v" + number + "_") != std::string::npos ||
          object.identity.find(".online_downgrade_v" + number + "_") != std::string::npos);
}

/// Behind all else, each for itself: who owns the objects may often not do it, and the rest does not wait.
/// A user who is missing is made before, as grants need one.
catalog::Mend mend_of_user(const Judged& judged) {
  catalog::Mend mend;
  mend.object = judged.finding.object;
  mend.sql = judged.sql;
  const bool is_missing = judged.finding.rule == "user-missing";
  mend.part = is_missing ? catalog::Mend::Part::first : catalog::Mend::Part::after;
  if (is_missing) mend.warning = "needs a role that may make others; how the user logs in is left to you";
  if (judged.finding.rule == "user-attribute" || judged.finding.rule == "user-membership")
    mend.warning = "needs a role that may change this one";
  return mend;
}

std::vector<catalog::Change> changes_of(const std::vector<catalog::Renaming>& renamed) {
  std::vector<catalog::Change> changes;
  changes.reserve(renamed.size());
  for (const catalog::Renaming& one : renamed)
    changes.push_back({{one.expected, nullptr, {}}, {}, &one.live});
  return changes;
}

/// Gives what was found the expected names. What a rule ignores under either name keeps its own, and so do
/// functions while an online part is open, which may have put them there.
catalog::Renamed rename_found(FullOutcome& full, const Catalog& expected, const Settings& settings,
                              bool is_online_open) {
  return catalog::take_expected_names(expected, full.found, [&](const catalog::Renaming& one) {
    if (is_online_open && (one.live.kind == "function" || one.live.kind == "procedure")) return false;
    const std::vector<Judged> both = judge_full(
        {{{one.expected, nullptr, {}}, {}, nullptr}, {{nullptr, &one.live, {}}, {}, nullptr}}, full.names);
    return std::none_of(both.begin(), both.end(),
                        [&](const Judged& judged) { return ignored_by(settings.ignore, judged) != nullptr; });
  });
}

}  // namespace

Outcome check(pg::Connection& connection, const Project& project, int version, int open_online,
              std::optional<Sides> sides) {
  Outcome outcome;
  keep(judge(connection, project, version, open_online, std::move(sides), outcome), project.settings,
       outcome);
  sort(outcome.findings);
  return outcome;
}

LiveCatalog read_live(pg::Connection& connection, const Settings& settings, pg::Connection* second) {
  LiveCatalog live;
  live.owner = expected_owner(connection, settings);
  catalog::FullRequest request{settings.version_table, settings.user_prefix, live.owner, {}};
  catalog::WithoutColumns others;
  if (second == nullptr) {
    live.full = catalog::read_full(connection, request);
    others = catalog::read_without_columns(connection, settings.version_table);
  } else {
    // Columns take the server about as long as all other kinds together.
    const std::string most_rows = "column";
    request.kinds = {most_rows};
    std::future<Catalog> columns = std::async(std::launch::async, [&, request] {
      Catalog found = catalog::read_full(*second, request);
      others = catalog::read_without_columns(*second, settings.version_table);
      return found;
    });
    request.kinds = catalog::kinds();
    std::erase(request.kinds, most_rows);
    live.full = catalog::read_full(connection, request);
    try {
      insert(columns.get(), live.full);
    } catch (const pg::PgError& error) {
      if (!error.is_connection_lost()) throw;
      return read_live(connection, settings, nullptr);
    }
  }
  live.schema = catalog::with_columns_of(std::move(others), live.full, settings.user_prefix);
  return live;
}

FullOutcome check_full(pg::Connection& connection, const Project& project, int version, int open_online,
                       const Expected& expected, LiveCatalog live) {
  FullOutcome full;
  const std::vector<Judged> declared = judge(
      connection, project, version, open_online,
      Sides{catalog::declared_tables(project), catalog::methods_at(project, version), std::move(live.schema)},
      full.outcome);
  const Settings& settings = project.settings;
  full.names = {std::move(live.owner), settings.user_prefix, expected.origin};
  full.found = std::move(live.full);
  const Catalog& objects = expected.objects;
  full.outcome.objects = static_cast<int>(objects.size());

  catalog::Renamed renamed = rename_found(full, objects, settings, open_online > 0);
  std::vector<catalog::Change> changes = catalog::fold(catalog::diff_full(objects, full.found));
  if (open_online > 0)
    std::erase_if(changes, [&](const auto& one) { return is_of_open_online(one, open_online); });
  std::vector<Judged> judged = judge_full(changes, full.names);
  const Version* open =
      open_online > 0 && open_online <= project.newest() ? &project.version(open_online) : nullptr;
  if (open != nullptr) soften(judged, *open);
  std::set<std::string> told;
  const auto tell_of = [&](const Object& object, const std::string& fact) {
    told.insert(unquoted(object_name(object, full.names)) + "\n" + fact);
    // The declared files call these otherwise.
    if (object.kind == "grant") told.insert("grant " + table_grant(object_name(object, full.names)) + "\n");
    if (fact == "partition") told.insert(unquoted(object_name(object, full.names)) + "\n");
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto tell = [&](const catalog::Difference& one) {
      const Object& object = one.expected != nullptr ? *one.expected : *one.found;
      tell_of(object, fact_name(one));
    };
    if (ignored_by(settings.ignore, judged[i]) != nullptr) continue;
    tell(changes[i].difference);
    std::for_each(changes[i].follow.begin(), changes[i].follow.end(), tell);
    // What serves both forms now must not be put in place of by a statement that somebody runs.
    if (open != nullptr && is_method_of(*open, judged[i])) continue;
    full.differences.push_back(changes[i].difference);
    full.differences.insert(full.differences.end(), changes[i].follow.begin(), changes[i].follow.end());
  }
  for (Judged& one : judge_full(changes_of(renamed.list), full.names)) judged.push_back(std::move(one));
  for (const catalog::Renaming& one : renamed.list) tell_of(*one.expected, "");
  for (const Object& former : renamed.former) tell_of(former, "");
  full.renamed = std::move(renamed.list);
  for (const Judged& one : declared) {
    const bool is_told = told.contains(unquoted(one.finding.object) + "\n" + one.finding.fact) ||
                         told.contains(unquoted(one.finding.object) + "\n");
    if (is_told) continue;
    if (!one.sql.empty() && ignored_by(settings.ignore, one) == nullptr)
      full.of_users.push_back(mend_of_user(one));
    judged.push_back(one);
  }
  keep(std::move(judged), settings, full.outcome);
  sort(full.outcome.findings);
  return full;
}

std::vector<Finding> new_findings(const Outcome& before, const Outcome& after) {
  std::vector<Finding> fresh;
  for (const Finding& finding : after.findings) {
    if (std::none_of(before.findings.begin(), before.findings.end(),
                     [&](const Finding& known) { return known.same_as(finding); })) {
      fresh.push_back(finding);
    }
  }
  return fresh;
}

}  // namespace dbtool::check
