#pragma once

#include <string>
#include <vector>

#include "model/finding.h"

namespace dbtool::report {

/// What a rule is about, for readers who meet it for the first time.
struct Rule {
  std::string id;  ///< of findings, e.g. "column-type"
  Severity severity = Severity::error;
  std::string summary;  ///< one sentence
  std::string help;     ///< Markdown: the reason, and the safe way to write it; may be empty
};

/// A finding that the project's files allow, with the reason that they give.
struct Allowed {
  Finding finding;
  std::string reason;
};

/// One thing that was judged as a whole and passes or fails as such: a test case of JUnit.
struct Case {
  std::string name;     ///< the same in every run, e.g. "version 20"
  int version = 0;      ///< findings of this version belong to it
  std::string file;     ///< relative to the project; may be empty
  double seconds = 0.;  ///< 0: not measured
};

/// What one command judged and found, as the readers of a CI service are told of it. Strings are as the
/// producers left them: renderers see to secrets, control characters and bytes that are no UTF-8.
struct Document {
  std::string tool_version;
  std::string command;       ///< "check", "lint"
  std::string prefix;        ///< of the project in its repository: "" or "db/"; goes before every file
  std::string default_file;  ///< for findings without a place, where a reader demands one; may be empty
  Severity fail_on = Severity::warning;  ///< from here on a finding is a failure
  bool completed = true;                 ///< false: an error ended the command, and `findings` tells of it
  std::vector<Finding> findings;
  std::vector<Allowed> allowed;  ///< for SARIF alone, as suppressed results
  std::vector<Rule> rules;       ///< those of `findings` at least get a name without one
  std::vector<Case> cases;
};

/// A JUnit report: a test case for each of `cases`, and one for each object with findings that belong to
/// none. A case has at most one failure (one error where the command did not complete), which lists all its
/// findings.
std::string junit(const Document& document);

/// A SARIF 2.1.0 log of one run. Files are relative to SRCROOT, the root of the repository; fingerprints stay
/// the same while lines move.
std::string sarif(const Document& document);

/// Workflow commands that become annotations on GitHub: a line a finding, and a last line with the count.
std::string github(const Document& document);

/// Whether any finding is at least as severe as `fail_on`.
bool fails(const std::vector<Finding>& findings, Severity fail_on);

}  // namespace dbtool::report
