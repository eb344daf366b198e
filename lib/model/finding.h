#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "model/place.h"

namespace dbtool {

enum class Severity { note, warning, error };

constexpr const char* to_text(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

/// One difference between what was declared and what is there. Notes never change the exit code.
struct Finding {
  Severity severity = Severity::error;
  std::string rule;    ///< stable, kebab-case, e.g. "column-type"
  int version = 0;     ///< that the finding belongs to; 0: none
  std::string object;  ///< e.g. "table tasks", "column tasks.run_id", "function f(text)"
  std::string fact;    ///< e.g. "type", "not null", "grant"
  std::string expected;
  std::string found;
  Place place;  ///< where the expectation was declared
  std::string advice;
  /// In whole sentences, where the finding is no difference of two texts (lint): what is dangerous and whom
  /// it hinders. `found` is then the statement, `fact` the lock that it takes, `expected` is empty.
  std::string message{};
  std::string rewrite{};  ///< the safe way as ready SQL or YAML, several lines; empty: none

  /// Two findings about the same difference, whatever their advice.
  bool same_as(const Finding& other) const {
    return rule == other.rule && object == other.object && fact == other.fact && expected == other.expected &&
           found == other.found;
  }
};

/// Whether nothing among them is more than a note.
inline bool only_notes(const std::vector<Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::note; });
}

}  // namespace dbtool
