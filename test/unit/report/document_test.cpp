#include "report/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/findings.h"
#include "report/presentable.h"
#include "test/support/catch.h"

using namespace dbtool;
using nlohmann::json;

namespace {

Finding finding(Severity severity, const std::string& object, int version = 0) {
  Finding made;
  made.severity = severity;
  made.rule = "column-type";
  made.version = version;
  made.object = object;
  made.fact = "type";
  made.expected = "text";
  made.found = "integer";
  made.place = {"schema/tables.yml", 41, 3};
  return made;
}

report::Document document(std::vector<Finding> findings) {
  report::Document made;
  made.tool_version = "1.2.3";
  made.command = "check";
  made.findings = std::move(findings);
  return made;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the order of findings changes no report", "[report]") {
  std::vector<Finding> findings{
      finding(Severity::error, "column b.x", 3), finding(Severity::note, "column a.x"),
      finding(Severity::warning, "column a.x"), finding(Severity::error, "column a.y")};
  const report::Document first = document(findings);
  std::reverse(findings.begin(), findings.end());
  const report::Document second = document(findings);
  CHECK(report::sarif(first) == report::sarif(second));
  CHECK(report::junit(first) == report::junit(second));
  CHECK(report::github(first) == report::github(second));
}

TEST_CASE("a JUnit case fails from the severity on that counts, and lists all its findings", "[report]") {
  report::Document made =
      document({finding(Severity::warning, "column a.x", 20), finding(Severity::error, "column a.y", 20),
                finding(Severity::note, "column a.z", 20), finding(Severity::warning, "table lost")});
  made.cases = {{"version 19", 19, "versions/0019.yml", 0.25}, {"version 20", 20, "versions/0020.yml", 0.5}};
  made.prefix = "db/";
  const std::string two_fail = report::junit(made);
  CHECK(contains(two_fail, "tests=\"3\" failures=\"2\" errors=\"0\" time=\"0.750\""));
  CHECK(contains(two_fail,
                 "<testcase name=\"version 19\" classname=\"dbtool.check\" time=\"0.250\" "
                 "file=\"db/versions/0019.yml\"/>"));
  CHECK(contains(two_fail, "message=\"column a.y: type: expected text, found integer (and 1 more)\""));
  CHECK(contains(two_fail, "<system-out>db/schema/tables.yml:41:3: note [column-type] column a.z"));
  made.fail_on = Severity::error;
  CHECK(contains(report::junit(made), "tests=\"3\" failures=\"1\""));
  made.fail_on = Severity::note;
  CHECK(contains(report::junit(made), "(and 2 more)"));
}

TEST_CASE("a clean JUnit report has a test that passes, a broken-off one an error", "[report]") {
  report::Document made = document({});
  CHECK(contains(report::junit(made), "tests=\"1\" failures=\"0\""));
  made.findings = {finding(Severity::error, "")};
  made.completed = false;
  CHECK(contains(report::junit(made), "failures=\"0\" errors=\"1\""));
  CHECK(contains(report::junit(made), "<error message="));
  CHECK(json::parse(report::sarif(made))["runs"][0]["invocations"][0]["executionSuccessful"] == false);
}

TEST_CASE("SARIF names rule, level, place and object of every finding", "[report]") {
  report::Document made = document({finding(Severity::note, "column a.x", 7)});
  made.prefix = "my db/";
  made.rules = {{"column-type", Severity::error, "Types differ.", "Why, and **what to write**."},
                {"another", Severity::note, "", ""}};
  const json run = json::parse(report::sarif(made))["runs"][0];
  CHECK(run["tool"]["driver"]["name"] == "dbtool");
  CHECK(run["tool"]["driver"]["version"] == "1.2.3");
  REQUIRE(run["tool"]["driver"]["rules"].size() == 2);
  CHECK(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == "Another.");
  CHECK(run["tool"]["driver"]["rules"][1]["help"]["markdown"] == "Why, and **what to write**.");
  const json& result = run["results"][0];
  CHECK(result["ruleId"] == "column-type");
  CHECK(result["ruleIndex"] == 1);
  CHECK(result["level"] == "note");
  const json& place = result["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"] == "my%20db/schema/tables.yml");
  CHECK(place["artifactLocation"]["uriBaseId"] == "%SRCROOT%");
  CHECK(place["region"] == json({{"startLine", 41}, {"startColumn", 3}}));
  CHECK(result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "column a.x");
}

TEST_CASE("what the files allow is suppressed in SARIF, with the reason, and the safe way is told",
          "[report]") {
  report::Document made = document({});
  Finding allowed = finding(Severity::warning, "table a");
  allowed.message = "Locks the table.";
  allowed.rewrite = "create index concurrently i on a (x);\n";
  made.allowed = {{allowed, "password=s3cret, 18 rows"}};
  const json result = json::parse(report::sarif(made))["runs"][0]["results"][0];
  CHECK(result["suppressions"] ==
        json::array({{{"kind", "inSource"}, {"justification", "password=***, 18 rows"}}}));
  CHECK(result["message"]["text"] ==
        "table a: Locks the table.\nSafe way:\ncreate index concurrently i on a (x);");
  CHECK(contains(report::junit(made), "failures=\"0\""));
  made.findings = {allowed};
  CHECK(contains(report::github(made), "::table a: Locks the table.%0ASafe way:%0Acreate index"));
}

TEST_CASE("a fingerprint stays while lines and figures change, and tells findings apart", "[report]") {
  const auto fingerprints = [](const std::vector<Finding>& findings) {
    std::vector<std::string> all;
    const json log = json::parse(report::sarif(document(findings)));
    for (const json& result : log["runs"][0]["results"])
      all.push_back(result["partialFingerprints"]["dbtoolFinding/v1"]);
    return all;
  };
  const Finding before = finding(Severity::error, "column a.x");
  Finding after = before;
  after.place.line = 99;
  after.found = "bigint";
  CHECK(fingerprints({before}) == fingerprints({after}));
  const auto twice = fingerprints({before, before});
  CHECK(twice[0] != twice[1]);
  CHECK(twice[0] == fingerprints({before})[0]);
  CHECK(fingerprints({finding(Severity::error, "column a.y")}) != fingerprints({before}));
}

TEST_CASE("annotations are escaped as GitHub reads them", "[report]") {
  Finding made = finding(Severity::warning, "table a%b");
  made.place = {"a,b:c.yml", 4, 2};
  made.advice = "first\nsecond: 100 %, really";
  CHECK(report::github(document({made})) ==
        "::warning file=a%2Cb%3Ac.yml,line=4,col=2,title=column-type::table a%25b: type: expected text, "
        "found integer "
        "(first second: 100 %25, really)\n"
        "dbtool check: 1 finding, 1 of them failures\n");
  made.place = {};
  made.severity = Severity::note;
  CHECK(contains(report::github(document({made})), "::notice title=column-type::"));
}

TEST_CASE("control characters and bytes that are no UTF-8 break no report", "[report]") {
  const Finding made = finding(Severity::error, "table a\x1b[2J\xff\x01\"<&>\xEF\xBF\xBE]]>");
  const report::Document bad = document({made});
  const std::string xml = report::junit(bad);
  CHECK(is_utf8(xml));
  CHECK(std::all_of(xml.begin(), xml.end(),
                    [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n'; }));
  CHECK(contains(xml, "&quot;&lt;&amp;&gt;\xEF\xBF\xBD]]&gt;"));
  CHECK(!contains(xml, "\xEF\xBF\xBE"));
  const json log = json::parse(report::sarif(bad));
  CHECK(contains(log.dump(), "table a"));
  CHECK(!contains(report::github(bad), "\x1b"));
}

TEST_CASE("no report holds a secret", "[report]") {
  Finding made = finding(Severity::error, "subscription s");
  made.expected = "postgres://ops:s3cr@et@h/db?password=s3cret";
  made.found = "create user mapping options (user 'u', password 's3cret') {password=s3cret,user=u}";
  made.advice = "host=h PASSWORD='s3cret' dbname=d, then postgresql://u@h/db";
  const report::Document secret = document({made});
  for (const std::string& text : {report::junit(secret), report::sarif(secret), report::github(secret),
                                  report::to_text({made}), report::to_json({made})}) {
    INFO(text);
    CHECK(!contains(text, "s3cr"));
    CHECK(contains(text, "postgresql://u@h/db"));
  }
  CHECK(report::without_secrets("password = password_in; passwords: 3; my_password integer") ==
        "password = password_in; passwords: 3; my_password integer");
  CHECK(report::without_secrets("see https://h:80/x and a@b") == "see https://h:80/x and a@b");
}

TEST_CASE("severities are ordered for the exit code", "[report]") {
  const std::vector<Finding> note{finding(Severity::note, "a")}, warning{finding(Severity::warning, "a")};
  CHECK(!report::fails(note, Severity::warning));
  CHECK(report::fails(warning, Severity::warning));
  CHECK(!report::fails(warning, Severity::error));
  CHECK(report::fails(note, Severity::note));
  CHECK(!report::fails({}, Severity::note));
}
