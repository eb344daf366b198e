#include "report/message.h"

#include <algorithm>

namespace dbtool::report {

std::string message(const Finding& finding) {
  if (!finding.message.empty()) return finding.message;
  const std::string fact = finding.fact.empty() ? "" : finding.fact + ": ";
  if (finding.severity == Severity::note && finding.expected.empty()) return fact + finding.found;
  return fact + "expected " + (finding.expected.empty() ? "nothing" : finding.expected) + ", found " +
         (finding.found.empty() ? "nothing" : finding.found);
}

std::string whole_message(const Finding& finding) {
  std::string text = finding.object.empty() ? message(finding) : finding.object + ": " + message(finding);
  if (!finding.advice.empty()) text += " (" + finding.advice + ")";
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

std::string message_with_rewrite(const Finding& finding) {
  const std::string text = whole_message(finding);
  return finding.rewrite.empty() ? text : text + "\nSafe way:\n" + finding.rewrite;
}

}  // namespace dbtool::report
