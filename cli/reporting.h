#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "report/document.h"

namespace dbtool::cli {

/// --output and --fail-on, for commands that end with findings.
std::vector<OptionSpec> report_options();

/// What a command that judges has to tell, in all forms.
struct Judgement {
  std::vector<Finding> findings;
  std::vector<report::Allowed> allowed;
  std::vector<report::Rule> rules;
  std::vector<report::Case> cases;
  std::string text;  ///< for people
  std::string json;  ///< one JSON value, ended by a line break
};

/// Runs a command that judges: looks at --output first (Error(usage) for a kind that is none, a file that
/// cannot be written, two results for stdout), then calls `judge`, then writes what was asked for. Files are
/// replaced as a whole. Also an error of `judge` is written to them, as findings, before it is thrown on.
/// Returns `findings` when one is as severe as --fail-on says.
ExitCode report_findings(Context& context, const std::function<Judgement()>& judge);

}  // namespace dbtool::cli
