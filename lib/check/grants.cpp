#include <algorithm>
#include <set>
#include <span>

#include "base/text.h"
#include "catalog/declared.h"
#include "catalog/diff.h"
#include "check/access.h"
#include "sql/type.h"

namespace dbtool::check {
namespace {

using catalog::Difference;

/// The elements of "a, b".
std::vector<std::string> listed(std::string_view privileges) {
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin < privileges.size();) {
    const std::size_t end = std::min(privileges.find(", ", begin), privileges.size());
    list.emplace_back(privileges.substr(begin, end - begin));
    begin = end + 2;
  }
  return list;
}

/// What is in `privileges` and not in `others`.
std::string without(std::string_view privileges, std::string_view others) {
  const std::vector<std::string> known = listed(others);
  std::vector<std::string> rest;
  for (const std::string& privilege : listed(privileges)) {
    if (std::find(known.begin(), known.end(), privilege) == known.end()) rest.push_back(privilege);
  }
  return join(rest, ", ");
}

/// Judges one difference at a time with what the whole project knows about roles.
class GrantCheck {
 public:
  GrantCheck(const Project& project, std::string connected_as, const Catalog& live)
      : project_(project),
        connected_as_(std::move(connected_as)),
        expected_(catalog::declared_grants(project)) {
    for (const std::string& user : service_users(project)) users_.insert(user);
    for (const char* kind : {"table", "partition", "view"}) {
      for (const Object& object : catalog::of_kind(live, kind)) tables_.insert(object.identity);
    }
    for (const Object& object : catalog::of_kind(live, "user")) known_users_.insert(object.identity);
    found_ = catalog::of_kind(live, "grant");
  }

  std::vector<Judged> run() {
    for (const Difference& difference : catalog::diff(expected_, found_)) {
      if (difference.expected != nullptr) {
        declared(difference);
      } else {
        undeclared(*difference.found);
      }
    }
    return std::move(judged_);
  }

 private:
  void declared(const Difference& difference) {
    const std::string& identity = difference.expected->identity;
    const std::size_t on = identity.find(" on ");
    const std::string role = identity.substr(0, on);
    const std::string table = identity.substr(on + 4);
    // Missing tables and users are findings of their own.
    if (!tables_.contains(table) || !known_users_.contains(role)) return;
    const std::string expected(difference.expected->facts.text("privileges"));
    const std::string found(difference.found != nullptr ? difference.found->facts.text("privileges") : "");
    const std::string missing = without(expected, found);
    const std::string extra = without(found, expected);
    Finding finding = finding_for(role, table, expected, found.empty() ? "nothing" : found);
    finding.rule = missing.empty() ? "grant-extra" : "grant-missing";
    finding.place = difference.expected->place;
    finding.advice = missing.empty() ? "" : "grant " + missing + to(role, table);
    if (!extra.empty()) finding.advice += (missing.empty() ? "" : "; ") + revoke(extra, role, table);
    add(std::move(finding), role, table);
  }

  void undeclared(const Object& grant) {
    const std::string role(grant.facts.text("role"));
    const std::string table(grant.facts.text("table"));
    const std::string found(grant.facts.text("privileges"));
    Finding finding = finding_for(role, table, "nothing", found);
    finding.advice = revoke(found, role, table);
    if (role == "PUBLIC") {
      finding.rule = "grant-public";
    } else if (users_.contains(role)) {
      if (covered_by_root(grant)) return;
      finding.rule = "grant-extra";
    } else if (is_of_prefix(role)) {
      finding.rule = "grant-other-role";
    } else {
      return;
    }
    const std::string relation(grant.facts.text("of kind"));
    // access.yml has words for tables alone.
    if (relation != "table" && relation != "partitioned table") {
      finding.severity = Severity::note;
      finding.found += " on a " + relation;
    }
    add(std::move(finding), role, table);
  }

  /// A grant on a partition gives nothing that the declared grant on its table does not give.
  bool covered_by_root(const Object& grant) const {
    const std::string root(grant.facts.text("partition of"));
    if (root.empty()) return false;
    Object key;
    key.kind = "grant";
    key.identity = std::string(grant.facts.text("role")) + " on " + root;
    const auto declared = std::lower_bound(expected_.begin(), expected_.end(), key);
    if (declared == expected_.end() || declared->identity != key.identity) return false;
    return without(grant.facts.text("privileges"), declared->facts.text("privileges")).empty();
  }

  /// Another role of this target: begins with its prefix, and no longer prefix of another target fits better.
  bool is_of_prefix(const std::string& role) const {
    const std::string& prefix = project_.settings.user_prefix;
    if (!role.starts_with(prefix + "_") || role == connected_as_ || role == project_.settings.role)
      return false;
    return std::none_of(project_.settings.targets.begin(), project_.settings.targets.end(),
                        [&](const auto& target) {
                          const std::string other = target.second.user_prefix.value_or("");
                          return other.size() > prefix.size() && role.starts_with(other + "_");
                        });
  }

  static Finding finding_for(const std::string& role, const std::string& table, const std::string& expected,
                             const std::string& found) {
    Finding finding;
    finding.object = "grant " + role + " on " + table;
    finding.fact = "grant";
    finding.expected = expected;
    finding.found = found;
    return finding;
  }

  static std::string role_name(const std::string& role) {
    return role == "PUBLIC" ? "public" : sql::quote_if_needed(role);
  }
  static std::string to(const std::string& role, const std::string& table) {
    return " on " + sql::quote_if_needed(table) + " to " + role_name(role);
  }
  static std::string revoke(const std::string& privileges, const std::string& role,
                            const std::string& table) {
    return "revoke " + privileges + " on " + sql::quote_if_needed(table) + " from " + role_name(role);
  }

  void add(Finding finding, const std::string& role, const std::string& table) {
    judged_.push_back({std::move(finding), "grant", {role + " on " + table, role, table}});
  }

  const Project& project_;
  std::string connected_as_;
  Catalog expected_;
  std::span<const Object> found_;
  std::set<std::string> users_;        ///< declared
  std::set<std::string> known_users_;  ///< declared and there
  std::set<std::string> tables_;
  std::vector<Judged> judged_;
};

}  // namespace

std::vector<Judged> check_grants(const Project& project, const std::string& connected_as,
                                 const Catalog& live) {
  return GrantCheck(project, connected_as, live).run();
}

}  // namespace dbtool::check
