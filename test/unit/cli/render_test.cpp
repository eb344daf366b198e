#include "cli/render.h"

#include "cli/findings.h"
#include "cli/table.h"
#include "pg/error.h"
#include "test/support/catch.h"

using namespace dbtool;
using namespace dbtool::cli;

TEST_CASE("an SQL error shows file, line, caret, SQLSTATE, detail, hint, context, state and advice",
          "[cli]") {
  pg::ErrorFields fields;
  fields.sqlstate = "42601";
  fields.message = "syntax error at or near \"tabel\"";
  fields.detail = "d";
  fields.hint = "h";
  fields.context = "line one\nline two";
  ErrorReport report = describe(pg::PgError(ExitCode::failed, fields, "mend the script"));
  CHECK(report.exit_code == ExitCode::failed);
  report.place = {"versions/0020.yml", 41, 12};
  report.source_line = "\talter tabel ä x;";
  report.state = "DATABASE IS AT 19. Nothing of 20 remains.";
  CHECK(to_text(report, Style(false)) ==
        "error: versions/0020.yml:41:12: syntax error at or near \"tabel\" (SQLSTATE 42601)\n"
        "    \talter tabel ä x;\n"
        "    \t          ^\n"
        "  detail: d\n"
        "  hint: h\n"
        "  context: line one\n"
        "    line two\n"
        "DATABASE IS AT 19. Nothing of 20 remains.\n"
        "  what to do: mend the script\n");
}

TEST_CASE("an error as JSON is one line with what is known", "[cli]") {
  const ErrorReport report = describe(Error(ExitCode::usage, "no \"such\" thing", "look"));
  CHECK(to_json_line(report, 2, Clock::Wall{}) ==
        "{\"event\":\"error\",\"exit_code\":2,\"message\":\"no \\\"such\\\" thing\",\"advice\":\"look\","
        "\"time\":\"1970-01-01T00:00:00Z\"}\n");
  CHECK(describe(std::runtime_error("x")).exit_code == ExitCode::failed);
}

TEST_CASE("text from elsewhere cannot play with the terminal", "[cli]") {
  CHECK(one_line(" a\nb\x1b[2Jc\x07 ") == "a b [2Jc");
  CHECK(printable("a\n\tb\r") == "a\n\tb ");
  CHECK(shorten("grüße", 5) == "grüße");
  CHECK(shorten("grüßen", 5) == "grüß…");
  CHECK(shorten("abc", 0).empty());
  CHECK(pad("ü", 3) == "ü  ");
}

TEST_CASE("tables align by characters, numbers to the right", "[cli]") {
  CHECK(render_table({"name", "n"}, {{"ä", "5"}, {"longer\nname", "123"}}, Style(false)) ==
        "name           n\n"
        "ä              5\n"
        "longer name  123\n");
  CHECK(render_table({"a"}, {}, Style(false)) == "a\n");
}

TEST_CASE("findings are counted without notes", "[cli]") {
  Finding error, note;
  note.severity = Severity::note;
  CHECK(findings_summary({}) == "clean");
  CHECK(findings_summary({note}) == "clean, 1 note");
  CHECK(findings_summary({error, note, error}) == "2 findings, 1 note");
}
