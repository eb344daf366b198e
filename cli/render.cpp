#include "cli/render.h"

#include <nlohmann/json.hpp>

#include "cli/progress_state.h"
#include "pg/error.h"
#include "report/presentable.h"
#include "run/step_error.h"

namespace dbtool::cli {

namespace {

/// Blanks that put what follows under column `column` of `line`: tabs stay tabs.
std::string caret_indent(const std::string& line, int column) {
  std::string indent;
  int at = 1;
  for (std::size_t i = 0; i < line.size() && at < column; ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0U) == 0x80U) continue;
    indent += line[i] == '\t' ? '\t' : ' ';
    ++at;
  }
  return indent;
}

std::string section(const char* label, const std::string& text) {
  if (text.empty()) return "";
  std::string out = std::string("  ") + label + ": ";
  for (const char c : printable(text)) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out + "\n";
}

void add_fields(const pg::ErrorFields& fields, ErrorReport& report) {
  report.sqlstate = fields.sqlstate;
  report.detail = fields.detail;
  report.hint = fields.hint;
  report.context = fields.context;
}

}  // namespace

ErrorReport describe(const std::exception& error) {
  ErrorReport report;
  report.message = error.what();
  if (const auto* ours = dynamic_cast<const Error*>(&error)) {
    report.exit_code = ours->exit_code();
    report.advice = ours->advice();
  }
  if (const auto* pg = dynamic_cast<const pg::PgError*>(&error)) {
    if (!pg->fields().message.empty()) report.message = pg->fields().message;
    add_fields(pg->fields(), report);
  }
  if (const auto* step = dynamic_cast<const run::StepError*>(&error)) {
    report.place = step->facts().place;
    report.source_line = step->facts().source_line;
    report.state = step->facts().state;
    if (step->facts().fields) add_fields(*step->facts().fields, report);
  }
  for (std::string* text : {&report.message, &report.advice, &report.detail, &report.hint, &report.context})
    *text = report::without_secrets(*text);
  return report;
}

std::string to_text(const ErrorReport& report, const Style& style) {
  const bool stopped = report.exit_code == ExitCode::stopped;  // on purpose: nothing went wrong
  std::string out = (stopped ? style.bold("stopped:") : style.red("error:")) + " ";
  if (!report.place.file.empty()) out += style.bold(to_text(report.place)) + ": ";
  out += printable(report.message);
  if (!report.sqlstate.empty() && report.message.find(report.sqlstate) == std::string::npos)
    out += " (SQLSTATE " + report.sqlstate + ")";
  out += "\n";
  if (!report.source_line.empty()) {
    out += "    " + printable(report.source_line) + "\n";
    if (report.place.column > 0)
      out += "    " + caret_indent(report.source_line, report.place.column) + style.red("^") + "\n";
  }
  out += section("detail", report.detail) + section("hint", report.hint) + section("context", report.context);
  if (!report.state.empty()) out += style.bold(printable(report.state)) + "\n";
  out += section("what to do", report.advice);
  return out;
}

std::string to_json_line(const ErrorReport& report, int exit_status, Clock::Wall time) {
  nlohmann::ordered_json json{{"event", "error"}, {"exit_code", exit_status}, {"message", report.message}};
  const auto add = [&json](const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
  };
  add("file", report.place.file);
  if (report.place.line > 0) json["line"] = report.place.line;
  if (report.place.column > 0) json["column"] = report.place.column;
  add("source_line", report.source_line);
  add("sqlstate", report.sqlstate);
  add("detail", report.detail);
  add("hint", report.hint);
  add("context", report.context);
  add("state", report.state);
  add("advice", report.advice);
  json["time"] = utc_time(time);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace dbtool::cli
