#include "lint/rule.h"

#include <algorithm>
#include <utility>

#include "lint/declared_batch.h"
#include "lint/size.h"

namespace dbtool::lint {
namespace {

constexpr std::size_t longest_shown = 160;

}  // namespace

const TableSize* Context::size(const sql::ObjectName& table) const {
  for (const TableSize& one : sizes) {
    if (one.table == table.key()) return &one;
  }
  return nullptr;
}

bool Context::matters(const sql::ObjectName& table) const {
  if (!is_there(table)) return false;
  const TableState* known = schema.table(table);
  return (known != nullptr && known->partitioned) || !is_known_empty(size(table));
}

Finding Report::finding(const Place& place, Issue issue) const {
  Finding finding;
  const TableSize* size = issue.sized_by.empty() ? nullptr : context_.size(issue.sized_by);
  const Severity own = issue.severity.value_or(rule_.severity);
  finding.severity = issue.sized_by.empty() ? own : weigh(own, weight_of(size));
  finding.rule = rule_.name;
  finding.version = context_.version().number;
  finding.object = std::move(issue.object);
  finding.fact = issue.lock;
  finding.message = std::move(issue.message);
  const std::string sized = size_text(size, issue.work);
  if (!sized.empty()) finding.message += " (" + sized + ".)";
  finding.advice = std::move(issue.advice);
  finding.rewrite = std::move(issue.rewrite);
  finding.place = place;
  return finding;
}

void Report::add(const Statement& statement, Issue issue) {
  Place place = statement.place;
  if (issue.offset) place = statement.source->locate(*issue.offset);
  Finding made = finding(place, std::move(issue));
  made.found = one_line(as_written(statement));
  findings_.push_back(std::move(made));
}

void Report::add(const Place& place, Issue issue) {
  findings_.push_back(finding(place, std::move(issue)));
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
    if (line.size() > longest_shown) {
      while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) line.pop_back();
      line.pop_back();
      return line + "…";
    }
  }
  return line;
}

std::string table_object(const sql::ObjectName& name) {
  if (name.name == sql::dynamic_name) return "a table named at run time";
  return "table " + name.text();
}

std::string meanwhile(std::string_view mode, const sql::ObjectName& table) {
  const std::string cannot = services_cannot(mode);
  if (cannot.empty()) return "";
  return "until the transaction ends, services can " +
         (cannot == "not write" ? "read but not write " : cannot + " ") + table.text();
}

}  // namespace dbtool::lint
