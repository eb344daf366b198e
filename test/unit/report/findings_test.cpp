#include "report/findings.h"

#include "test/support/catch.h"

using namespace dbtool;

TEST_CASE("findings as text: worst first, one line each", "[report]") {
  Finding note;
  note.severity = Severity::note;
  note.object = "index hooks_tmp_idx";
  note.found = "1.1 GB";
  Finding error;
  error.object = "column secrets.expires";
  error.fact = "type";
  error.expected = "text not null";
  error.found = "text";
  error.place = {"schema/tables.yml", 41, 3};
  error.advice = "a\nb";
  CHECK(report::to_text({note, error}) ==
        "error   column secrets.expires  type: expected text not null, found text  schema/tables.yml:41:3  "
        "(a b)\n"
        "note    index hooks_tmp_idx  1.1 GB\n");
}

TEST_CASE("findings as JSON have the documented keys", "[report]") {
  Finding finding;
  finding.rule = "column-type";
  finding.version = 20;
  finding.object = "o";
  finding.place = {"f.yml", 4, 1};
  finding.found = "\xff";  // what a server sends need not be UTF-8
  CHECK(report::to_json({finding}) ==
        "[{\"severity\":\"error\",\"rule\":\"column-type\",\"version\":20,\"object\":\"o\",\"fact\":\"\","
        "\"expected\":\"\","
        "\"found\":\"\xEF\xBF\xBD\",\"file\":\"f.yml\",\"line\":4,\"advice\":\"\",\"column\":1,"
        "\"message\":\"expected nothing, found \xEF\xBF\xBD\",\"rewrite\":\"\"}]");
  CHECK(report::to_json({}) == "[]");
}
