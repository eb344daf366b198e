#include "check/tables.h"

#include <set>

#include "catalog/diff.h"
#include "sql/type.h"

namespace dbtool::check {
namespace {

using catalog::Difference;

std::string column_text(const Object& column) {
  return std::string(column.facts.text("type")) +
         (column.facts.text("null") == "not null" ? " not null" : "");
}

/// Table and column of an identity; table names hold no dot unless they were quoted.
std::pair<std::string, std::string> parts(const Object& column, const std::set<std::string>& tables) {
  for (std::size_t dot = column.identity.find('.'); dot != std::string::npos;
       dot = column.identity.find('.', dot + 1)) {
    if (tables.contains(column.identity.substr(0, dot))) {
      return {column.identity.substr(0, dot), column.identity.substr(dot + 1)};
    }
  }
  return {};
}

Finding table_finding(const Difference& difference) {
  Finding finding;
  const Object& table = difference.expected != nullptr ? *difference.expected : *difference.found;
  finding.object = "table " + table.identity;
  if (difference.found == nullptr) {
    finding.rule = "table-missing";
    finding.expected = "a table";
    finding.found = "nothing";
    finding.advice = "restore it, or downgrade below the version that made it";
  } else {
    finding.rule = "table-undeclared";
    finding.found = "not declared";
    finding.advice = "declare it in tables.yml, drop it, or ignore it in dbtool.yml";
  }
  return finding;
}

Finding column_finding(const Difference& difference, const std::string& table, const std::string& column) {
  Finding finding;
  finding.object = "column " + table + "." + column;
  const std::string alter = "alter table " + sql::quote_if_needed(table) + " ";
  const std::string name = sql::quote_if_needed(column);
  if (difference.found == nullptr) {
    finding.rule = "column-missing";
    finding.expected = column_text(*difference.expected);
    finding.found = "nothing";
    finding.advice = alter + "add column " + name + " " + finding.expected;
  } else if (difference.expected == nullptr) {
    finding.rule = "column-undeclared";
    finding.found = column_text(*difference.found) + ", not declared";
    finding.advice = "declare it in tables.yml, or " + alter + "drop column " + name;
  } else {
    const bool is_type = difference.fact == "type";
    finding.rule = is_type ? "column-type" : "column-null";
    finding.fact = is_type ? "type" : "not null";
    finding.expected = difference.expected->facts.text(difference.fact);
    finding.found = difference.found->facts.text(difference.fact);
    const char* set = finding.expected == "not null" ? " set not null" : " drop not null";
    finding.advice = alter + "alter column " + name + (is_type ? " type " + finding.expected : set);
  }
  return finding;
}

std::set<std::string> table_names(const Catalog& objects) {
  std::set<std::string> names;
  for (const Object& object : catalog::of_kind(objects, "table")) names.insert(object.identity);
  return names;
}

}  // namespace

std::vector<Judged> check_tables(const Catalog& expected, const Catalog& live) {
  const std::set<std::string> declared = table_names(expected);
  const std::set<std::string> there = table_names(live);
  std::vector<Judged> judged;
  const auto add = [&](Finding finding, const Difference& difference, std::vector<std::string> names) {
    const Object& object = difference.expected != nullptr ? *difference.expected : *difference.found;
    finding.place = object.place;
    judged.push_back({std::move(finding), object.kind, std::move(names)});
  };
  for (const Difference& difference :
       catalog::diff(catalog::of_kind(expected, "table"), catalog::of_kind(live, "table"))) {
    const Object& table = difference.expected != nullptr ? *difference.expected : *difference.found;
    add(table_finding(difference), difference, {table.identity});
  }
  for (const Difference& difference :
       catalog::diff(catalog::of_kind(expected, "column"), catalog::of_kind(live, "column"))) {
    const bool is_declared = difference.expected != nullptr;
    const Object& object = is_declared ? *difference.expected : *difference.found;
    const auto [table, column] = parts(object, is_declared ? declared : there);
    // A table that is missing or one too many is told once, not column by column.
    if (!declared.contains(table) || !there.contains(table)) continue;
    add(column_finding(difference, table, column), difference, {object.identity, column});
  }
  return judged;
}

}  // namespace dbtool::check
