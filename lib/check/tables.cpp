#include "check/tables.h"

#include <set>

#include "catalog/diff.h"
#include "sql/type.h"

namespace dbtool::check {
namespace {

using catalog::Column;
using catalog::ColumnDifference;
using catalog::Difference;

std::string column_text(const Column& column) {
  return std::string(column.type) + (column.not_null ? " not null" : "");
}

const char* null_text(const Column& column) {
  return column.not_null ? "not null" : "nullable";
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

/// One finding, or two where the type and null differ.
std::vector<Finding> column_findings(const ColumnDifference& difference) {
  const auto [expected, found] = difference;
  const Column& column = expected != nullptr ? *expected : *found;
  const std::string table(column.table), name(column.name);
  const std::string alter = "alter table " + sql::quote_if_needed(table) + " ";
  const std::string quoted = sql::quote_if_needed(name);
  Finding finding;
  finding.object = "column " + table + "." + name;
  finding.place = {std::string(column.file), column.position.line, column.position.column};
  if (found == nullptr) {
    finding.rule = "column-missing";
    finding.expected = column_text(*expected);
    finding.found = "nothing";
    finding.advice = alter + "add column " + quoted + " " + finding.expected;
    return {std::move(finding)};
  }
  if (expected == nullptr) {
    finding.rule = "column-undeclared";
    finding.found = column_text(*found) + ", not declared";
    finding.advice = "declare it in tables.yml, or " + alter + "drop column " + quoted;
    return {std::move(finding)};
  }
  std::vector<Finding> findings;
  if (expected->not_null != found->not_null) {
    Finding& null = findings.emplace_back(finding);
    null.rule = "column-null";
    null.fact = "not null";
    null.expected = null_text(*expected);
    null.found = null_text(*found);
    null.advice =
        alter + "alter column " + quoted + (expected->not_null ? " set not null" : " drop not null");
  }
  if (expected->type != found->type) {
    Finding& type = findings.emplace_back(finding);
    type.rule = "column-type";
    type.fact = "type";
    type.expected = expected->type;
    type.found = found->type;
    type.advice = alter + "alter column " + quoted + " type " + type.expected;
  }
  return findings;
}

std::set<std::string, std::less<>> table_names(const Catalog& objects) {
  std::set<std::string, std::less<>> names;
  for (const Object& object : catalog::of_kind(objects, "table")) names.insert(object.identity);
  return names;
}

}  // namespace

std::vector<Judged> check_tables(const catalog::Schema& expected, const catalog::Schema& live) {
  std::vector<Judged> judged;
  for (const Difference& difference :
       catalog::diff(catalog::of_kind(expected.objects, "table"), catalog::of_kind(live.objects, "table"))) {
    const Object& table = difference.expected != nullptr ? *difference.expected : *difference.found;
    Finding finding = table_finding(difference);
    finding.place = table.place;
    judged.push_back({std::move(finding), "table", {table.identity}});
  }
  const std::vector<ColumnDifference> differences = catalog::diff(expected.columns.list, live.columns.list);
  if (differences.empty()) return judged;
  const auto declared = table_names(expected.objects);
  const auto there = table_names(live.objects);
  for (const ColumnDifference& difference : differences) {
    const Column& column = difference.expected != nullptr ? *difference.expected : *difference.found;
    // A table that is missing or one too many is told once, not column by column.
    if (!declared.contains(column.table) || !there.contains(column.table)) continue;
    const std::string name(column.name);
    for (Finding& finding : column_findings(difference))
      judged.push_back({std::move(finding), "column", {std::string(column.table) + "." + name, name}});
  }
  return judged;
}

}  // namespace dbtool::check
