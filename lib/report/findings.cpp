#include "report/findings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/message.h"
#include "report/presentable.h"

namespace dbtool::report {

namespace {

/// A finding in whole sentences: what, where, the statement, the danger, the safe way.
std::string paragraph_of(const Finding& finding, const Paint& paint) {
  const std::string severity = to_text(finding.severity);
  const std::string margin(8, ' ');
  std::string text = std::string(8 - severity.size(), ' ') + finding.object + "  " + finding.rule;
  if (!finding.place.file.empty()) text += "  " + to_text(finding.place);
  text += "\n";
  if (!finding.found.empty()) text += margin + finding.found + "\n";
  text += margin + finding.message + "\n";
  if (!finding.advice.empty())
    text += margin + "Safe: " + finding.advice + (finding.rewrite.empty() ? "\n" : ":\n");
  for (const std::string_view line : split_lines(finding.rewrite))
    text += line.empty() ? "\n" : margin + "  " + std::string(line) + "\n";
  return (paint ? paint(finding.severity, severity) : severity) + without_secrets(text);
}

std::string line_of(const Finding& finding, const Paint& paint) {
  const std::string severity = to_text(finding.severity);
  std::string line = finding.object + "  " + message(finding);
  if (!finding.place.file.empty()) line += "  " + to_text(finding.place);
  if (!finding.advice.empty()) line += "  (" + finding.advice + ")";
  for (char& c : line)
    if (c == '\n' || c == '\t') c = ' ';
  return (paint ? paint(finding.severity, severity) : severity) + std::string(8 - severity.size(), ' ') +
         without_secrets(line) + "\n";
}

}  // namespace

std::string to_text(const std::vector<Finding>& findings, const Paint& paint) {
  std::vector<const Finding*> sorted;
  for (const Finding& finding : findings) sorted.push_back(&finding);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Finding* a, const Finding* b) { return a->severity > b->severity; });
  std::string text;
  for (const Finding* finding : sorted)
    text += finding->message.empty() ? line_of(*finding, paint) : paragraph_of(*finding, paint);
  return text;
}

std::string to_json(const std::vector<Finding>& findings) {
  auto array = nlohmann::ordered_json::array();
  for (const Finding& finding : findings)
    array.push_back({{"severity", to_text(finding.severity)},
                     {"rule", finding.rule},
                     {"version", finding.version},
                     {"object", without_secrets(finding.object)},
                     {"fact", finding.fact},
                     {"expected", without_secrets(finding.expected)},
                     {"found", without_secrets(finding.found)},
                     {"file", finding.place.file},
                     {"line", finding.place.line},
                     {"advice", without_secrets(finding.advice)},
                     {"column", finding.place.column},
                     {"message", without_secrets(message(finding))},
                     {"rewrite", without_secrets(finding.rewrite)}});
  return array.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace dbtool::report
