#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/document.h"
#include "report/message.h"
#include "report/presentable.h"

namespace dbtool::report {

namespace {

/// Escaped as the runner of workflows unescapes it; `property`: inside `key=value`.
std::string escape(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
      escaped += fmt::format("%{:02X}", static_cast<unsigned>(c));
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t')
      escaped += c;
  }
  return escaped;
}

const char* command_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "notice";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

std::string annotation(const Finding& finding, const std::string& prefix) {
  std::string properties;
  const auto add = [&properties](const char* key, const std::string& value) {
    properties += (properties.empty() ? " " : ",") + std::string(key) + "=" + escape(value, true);
  };
  if (!finding.place.file.empty()) {
    add("file", prefix + finding.place.file);
    if (finding.place.line > 0) add("line", std::to_string(finding.place.line));
    if (finding.place.line > 0 && finding.place.column > 0) add("col", std::to_string(finding.place.column));
  }
  add("title", finding.rule);
  return fmt::format("::{}{}::{}\n", command_of(finding.severity), properties,
                     escape(trim(message_with_rewrite(finding)), false));
}

}  // namespace

std::string github(const Document& document) {
  std::string text;
  std::vector<Finding> findings = presentable(document.findings);
  // GitHub shows the first ten of a step alone.
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  for (const Finding& finding : findings) text += annotation(finding, document.prefix);
  const auto failures = std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.severity >= document.fail_on;
  });
  return text + fmt::format("dbtool {}: {} finding{}, {} of them failures\n", document.command,
                            findings.size(), findings.size() == 1 ? "" : "s", failures);
}

bool fails(const std::vector<Finding>& findings, Severity fail_on) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& finding) { return finding.severity >= fail_on; });
}

}  // namespace dbtool::report
