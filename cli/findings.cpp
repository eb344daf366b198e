#include "cli/findings.h"

#include <fmt/format.h>

#include <algorithm>

namespace dbtool::cli {

std::string findings_summary(const std::vector<Finding>& findings) {
  const auto notes =
      static_cast<std::size_t>(std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::note;
      }));
  const std::size_t counted = findings.size() - notes;
  std::string text = counted == 0 ? "clean" : fmt::format("{} finding{}", counted, counted == 1 ? "" : "s");
  if (notes > 0) text += fmt::format(", {} note{}", notes, notes == 1 ? "" : "s");
  return text;
}

report::Paint severity_paint(const Style& style) {
  return [style](Severity severity, std::string_view word) {
    switch (severity) {
      case Severity::note:
        return style.dim(word);
      case Severity::warning:
        return style.yellow(word);
      case Severity::error:
        break;
    }
    return style.red(word);
  };
}

}  // namespace dbtool::cli
