#include "cli/reporting.h"

#include <exception>

#include "cli/interrupt.h"
#include "cli/output_files.h"
#include "cli/render.h"
#include "load/load.h"
#include "revision/repository.h"

namespace dbtool::cli {

namespace {

Severity fail_on(const Arguments& arguments) {
  const std::string word = arguments.text("fail-on").value_or("warning");
  return word == "error" ? Severity::error : word == "note" ? Severity::note : Severity::warning;
}

/// An error as findings, so that the reader of a report sees why there is no other. Complaints about
/// project files keep their places.
std::vector<Finding> as_findings(const std::exception& error) {
  std::vector<Finding> findings;
  const auto add = [&findings](const char* rule, const Place& place, const std::string& text) {
    Finding finding;
    finding.rule = rule;
    finding.place = place;
    finding.message = text;
    findings.push_back(std::move(finding));
  };
  if (const auto* load_error = dynamic_cast<const load::LoadError*>(&error)) {
    for (const load::Complaint& complaint : load_error->complaints())
      add("project-file", complaint.place, complaint.text);
  } else {
    const ErrorReport report = describe(error);
    add("not-judged", report.place, report.message);
    findings.back().advice = report.advice;
  }
  return findings;
}

/// Where reports go, and what all of them say.
class Reports {
 public:
  explicit Reports(Context& context)
      : context_(context), outputs_(parse_outputs(context.arguments().texts("output"), context.json())) {
    for (const Output& output : outputs_)
      if (!output.file.empty()) check_writable(output.file);
    document_.tool_version = DBTOOL_VERSION;
    document_.command = context.command_name();
    if (!outputs_.empty()) document_.prefix = revision::prefix_in_repository(context.directory());
    document_.fail_on = fail_on(context.arguments());
  }

  ExitCode write(Judgement judgement) {
    document_.findings = std::move(judgement.findings);
    document_.allowed = std::move(judgement.allowed);
    document_.rules = std::move(judgement.rules);
    document_.cases = std::move(judgement.cases);
    write_all(judgement.json);
    if (!stdout_taken()) context_.print(context_.json() ? judgement.json : judgement.text);
    return report::fails(document_.findings, document_.fail_on) ? ExitCode::findings : ExitCode::done;
  }

  void write_error(const std::exception& error) {
    document_.completed = false;
    document_.findings = as_findings(error);
    const ErrorReport report = describe(error);
    write_all(to_json_line(report, exit_status(report.exit_code), context_.clock().wall()));
  }

 private:
  bool stdout_taken() const {
    for (const Output& output : outputs_)
      if (output.file.empty()) return true;
    return false;
  }

  void write_all(const std::string& json) {
    for (const Output& output : outputs_) {
      const std::string contents = render(output.kind, json);
      if (output.file.empty())
        context_.print(contents);
      else
        write_output(output.file, contents);
    }
  }

  std::string render(OutputKind kind, const std::string& json) const {
    switch (kind) {
      case OutputKind::junit:
        return report::junit(document_);
      case OutputKind::sarif:
        return report::sarif(document_);
      case OutputKind::github:
        return report::github(document_);
      case OutputKind::json:
        break;
    }
    return json;
  }

  Context& context_;
  std::vector<Output> outputs_;
  report::Document document_;
};

}  // namespace

std::vector<OptionSpec> report_options() {
  return {
      {"output",
       0,
       "KIND[=FILE]",
       "a report for CI: junit=FILE, sarif=FILE, json=FILE, github; to stdout, in place of the text, without "
       "FILE",
       true,
       {},
       Completes::files},
      {"fail-on",
       0,
       "SEVERITY",
       "end with 3 from this severity on (default warning)",
       false,
       {"error", "warning", "note"}},
  };
}

ExitCode report_findings(Context& context, const std::function<Judgement()>& judge) {
  Reports reports(context);
  Judgement judgement;
  try {
    judgement = judge();
  } catch (const std::exception& error) {
    reports.write_error(error);
    throw;
  }
  return reports.write(std::move(judgement));
}

}  // namespace dbtool::cli
