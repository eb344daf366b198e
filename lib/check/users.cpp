#include <algorithm>
#include <set>
#include <string_view>

#include "catalog/declared.h"
#include "catalog/diff.h"
#include "check/access.h"
#include "pg/quote.h"
#include "sql/type.h"

namespace dbtool::check {
namespace {

using catalog::Difference;

bool is_access(const std::string& fact) {
  return fact.starts_with("usage on ") || fact.starts_with("select on ");
}

Finding user_finding(const Difference& difference) {
  const Object& user = *difference.expected;
  const std::string name = sql::quote_if_needed(user.identity);
  Finding finding;
  finding.object = "user " + user.identity;
  finding.place = user.place;
  finding.fact = difference.fact;
  if (difference.found == nullptr) {
    finding.rule = "user-missing";
    finding.expected = "a database user";
    finding.found = "nothing";
    finding.advice = "create role " + name + " login; then upgrade again";
    return finding;
  }
  const auto found = difference.found->facts.find(difference.fact);
  if (difference.fact == "member of") {
    finding.rule = "user-membership";
    finding.expected = "member of no role";
    finding.found = "member of " + found->second;
    finding.advice = "revoke " + found->second + " from " + name;
  } else if (is_access(difference.fact)) {
    finding.rule = "user-access";
    finding.expected = difference.fact;
    finding.found = "no such right";
    finding.advice = "grant " + difference.fact + " to " + name;
  } else {
    finding.rule = "user-attribute";
    finding.expected = "no " + difference.fact;
    finding.found = difference.fact;
    finding.advice = "alter role " + name + " no" + difference.fact;
  }
  return finding;
}

/// The elements of "a, b" as SQL must write them.
std::string quoted_roles(std::string_view list) {
  std::string quoted;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(", "), list.size());
    quoted += (quoted.empty() ? "" : ", ") + sql::quote_if_needed(std::string(list.substr(0, end)));
    list.remove_prefix(std::min(end + 2, list.size()));
  }
  return quoted;
}

/// The statement that mends a difference; a password is never part of it.
std::string mending_statement(const Difference& difference) {
  const std::string name = sql::quote_if_needed(difference.expected->identity);
  if (difference.found == nullptr) return "create role " + name + " login;";
  const std::string& fact = difference.fact;
  if (fact == "member of")
    return "revoke " + quoted_roles(difference.found->facts.text(fact)) + " from " + name + ";";
  constexpr std::string_view of_schema = "usage on schema ";
  constexpr std::string_view of_table = "select on ";
  if (fact.starts_with(of_schema))
    return "grant usage on schema " + sql::quote_if_needed(fact.substr(of_schema.size())) + " to " + name +
           ";";
  if (fact.starts_with(of_table))
    return "grant select on " + pg::quote_qualified(fact.substr(of_table.size())) + " to " + name + ";";
  return "alter role " + name + " no" + fact + ";";
}

}  // namespace

std::vector<Judged> check_users(const Project& project, int at, const Catalog& live) {
  const Catalog expected = catalog::declared_users(project, at);
  std::set<std::string> users;
  for (const Object& user : expected) users.insert(user.identity);
  std::vector<Judged> judged;
  for (const Object& object : catalog::of_kind(live, "table")) {
    const auto owner = object.facts.find("owner");
    if (owner == object.facts.end() || !users.contains(owner->second)) continue;
    Judged one{{}, "table", {object.identity}};
    one.finding.rule = "table-owner";
    one.finding.object = "table " + object.identity;
    one.finding.fact = "owner";
    one.finding.expected = "no service user";
    one.finding.found = owner->second;
    one.finding.advice =
        "alter table " + sql::quote_if_needed(object.identity) + " owner to the owner of the others";
    judged.push_back(std::move(one));
  }
  for (const Difference& difference : catalog::diff(expected, catalog::of_kind(live, "user"))) {
    if (difference.expected == nullptr) continue;
    // A right on something that is not there at all is no fact of the user.
    if (difference.found != nullptr && !difference.found->facts.contains(difference.fact)) continue;
    judged.push_back(
        {user_finding(difference), "user", {difference.expected->identity}, mending_statement(difference)});
  }
  return judged;
}

}  // namespace dbtool::check
