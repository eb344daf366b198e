#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <set>
#include <string>

#include "lint/lint.h"
#include "lint/rule.h"
#include "load/load.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;

namespace {

const std::filesystem::path folder =
    std::filesystem::path(DBTOOL_SOURCE_DIRECTORY) / "test/cases/lint/statements";

std::string block(const std::string& key, const std::string& statements, bool transactional) {
  std::string text = key + ": |-\n" + (transactional ? "  begin\n" : "");
  std::size_t begin = 0;
  while (begin < statements.size()) {
    const std::size_t end = std::min(statements.find('\n', begin), statements.size());
    text += "    " + statements.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text + (transactional ? "  end\n" : "");
}

std::string version_file(int number, const std::string& up, const std::string& down, bool transactional,
                         const std::string& methods) {
  return "version: " + std::to_string(number) + "\n" + (transactional ? "" : "transactional: false\n") +
         block("migrationScript", up, transactional) + block("downgradeScript", down, transactional) +
         (methods.empty() ? "methods: {}\n" : methods);
}

/// A part of a case, else of the file, else `otherwise`.
std::string part_of(const YAML::Node& file, const YAML::Node& one, const char* name,
                    const std::string& otherwise) {
  if (one.IsMap() && one[name]) return one[name].as<std::string>();
  return file[name] ? file[name].as<std::string>() : otherwise;
}

/// The file's `setup` and `methods` as version 1, what a case does `before` as version 2, its statements and
/// `new_methods` as the last version. `tables`, `access`, `releases` and `sizes` are files of the schema.
std::set<std::string> rules_found(const YAML::Node& file, const YAML::Node& one, std::string& shown,
                                  std::string& rewrites) {
  const test::ProjectFiles files;
  const bool plain = one.IsMap() && one["plain"];
  const std::string up = one.IsMap() ? one["sql"].as<std::string>() : one.as<std::string>();
  const std::string down = one.IsMap() && one["down"] ? one["down"].as<std::string>()
                           : plain                    ? "select 1;"
                                                      : "null;";
  const std::string methods = file["methods"] ? file["methods"].as<std::string>() : "";
  files.write("versions/0001.yml", version_file(1, file["setup"].as<std::string>(), "null;", true, methods));
  int last = 1;
  if (one.IsMap() && one["before"]) {
    ++last;
    files.write("versions/0002.yml", version_file(last, one["before"].as<std::string>(), "null;", true, ""));
  }
  ++last;
  const std::string online = one.IsMap() && one["online"] ? one["online"].as<std::string>() : "";
  files.write("versions/000" + std::to_string(last) + ".yml",
              version_file(last, up, down, !plain, part_of(file, one, "new_methods", "")) + online);
  files.write("schema/tables.yml", part_of(file, one, "tables", "{}\n"));
  files.write("schema/access.yml", part_of(file, one, "access", "{}\n"));
  const std::string releases = part_of(file, one, "releases", "");
  if (!releases.empty()) files.write("schema/releases.yml", releases);
  if (file["sizes"]) files.write("schema/sizes.yml", file["sizes"].as<std::string>());
  const Project project = load::load_project(
      files.path(), [](const std::string&) { return std::nullopt; }, load::Purpose::judge);
  lint::Options options;
  options.versions = {last};
  std::set<std::string> rules;
  for (const Finding& finding : lint::lint(project, options).findings) {
    rules.insert(finding.rule);
    shown += finding.rule + ": " + finding.message + " (" + finding.advice + ")\n";
    rewrites += finding.rewrite;
    CHECK(finding.place.line > 0);
    CHECK_FALSE(finding.advice.empty());
  }
  return rules;
}

}  // namespace

TEST_CASE("every rule about statements finds its bad cases and passes its good ones", "[lint]") {
  std::set<std::string> tried;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const YAML::Node file = YAML::LoadFile(entry.path().string());
    const std::string rule = entry.path().stem().string();
    tried.insert(rule);
    REQUIRE(lint::find_rule(rule) != nullptr);
    for (const char* kind : {"bad", "good"}) {
      REQUIRE(file[kind].size() > 0);
      for (const YAML::Node& one : file[kind]) {
        INFO(rule << ", " << kind << ": " << YAML::Dump(one));
        std::string shown;
        std::string rewrites;
        const bool found = rules_found(file, one, shown, rewrites).contains(rule);
        INFO(shown << rewrites);
        CHECK(found == (std::string(kind) == "bad"));
        if (one.IsMap() && one["message"])
          CHECK(shown.find(one["message"].as<std::string>()) != std::string::npos);
        if (one.IsMap() && one["rewrite"])
          CHECK(rewrites.find(one["rewrite"].as<std::string>()) != std::string::npos);
      }
    }
  }
  CHECK(tried.size() >= 91);
}

TEST_CASE("the blocking form of version 20 is told to go online", "[lint]") {
  const std::filesystem::path source = DBTOOL_SOURCE_DIRECTORY;
  const test::ProjectFiles files;
  for (const char* directory : {"versions", "schema"})
    std::filesystem::copy(source / directory, files.path() / directory,
                          std::filesystem::copy_options::recursive);
  std::filesystem::copy_file(source / "dbtool.yml", files.path() / "dbtool.yml");
  std::filesystem::copy_file(source / "test/cases/blocking-20/0020.yml", files.path() / "versions/0020.yml",
                             std::filesystem::copy_options::overwrite_existing);
  const Project project = load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
  lint::Options options;
  options.versions = {20};
  std::set<std::string> tables;
  for (const Finding& finding : lint::lint(project, options).findings) {
    if (finding.rule == "rows-not-online" && finding.severity == Severity::error) {
      tables.insert(finding.object);
      CHECK(finding.rewrite.starts_with("online:\n"));
    }
  }
  CHECK(tables ==
        std::set<std::string>{"table queue_task_dependencies_entities", "table queue_tasks_entities"});
}

TEST_CASE("the shipped versions are clean", "[lint]") {
  const Project project =
      load::load_project(DBTOOL_SOURCE_DIRECTORY, [](const std::string&) { return std::nullopt; });
  const lint::Outcome outcome = lint::lint(project);
  for (const Finding& finding : outcome.findings) {
    INFO(to_text(finding.place) << " " << finding.rule << ": " << finding.message);
    CHECK(finding.severity == Severity::note);
    CHECK(finding.rule != "allow-unused");  // what a planner would tell is not known here
  }
  CHECK(outcome.not_parsed == 0);
}

TEST_CASE("a table's size turns the severity, an allowance takes a reason", "[lint]") {
  const test::ProjectFiles files;
  files.write("versions/0001.yml", version_file(1, "create table big (a int);\ncreate table small (a int);",
                                                "drop table big;\ndrop table small;", true, ""));
  files.write("versions/0002.yml",
              version_file(2,
                           "create index on big (a);\n"
                           "create index on small (a);\n"
                           "-- lint: allow create-index-not-concurrently: built while the trees are closed\n"
                           "create index on big (a, a);\n"
                           "create index on big (a, a, a);  -- lint: allow create-index-not-concurrently\n"
                           "perform 1;  -- lint: allow add-column-serial: there is none",
                           "null;", true, ""));
  files.write("schema/tables.yml", "{}\n");
  files.write("schema/access.yml", "{}\n");
  files.write("schema/sizes.yml",
              "big: {rows: 27000000, bytes: 50000000000}\nsmall: {rows: 18, bytes: 8192}\n");
  const Project project = load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
  lint::Options options;
  options.versions = {2};
  const lint::Outcome outcome = lint::lint(project, options);
  std::string shown;
  for (const Finding& finding : outcome.findings) {
    if (finding.rule.starts_with("create-index") || finding.rule.starts_with("allow"))
      shown +=
          std::to_string(finding.place.line) + " " + to_text(finding.severity) + " " + finding.rule + "\n";
  }
  CHECK(shown ==
        "4 error create-index-not-concurrently\n"
        "5 note create-index-not-concurrently\n"
        "8 error create-index-not-concurrently\n"
        "8 warning allow-without-reason\n"
        "9 note allow-unused\n");
  REQUIRE(outcome.allowed.size() == 1);
  CHECK(outcome.allowed[0].reason == "built while the trees are closed");
  CHECK(outcome.findings[0].message.find("27 million rows, 50 GB: an estimated 7–21 min") !=
        std::string::npos);
  CHECK(outcome.findings[0].rewrite ==
        "transactional: false\n"
        "migrationScript: |-\n"
        "  create index concurrently big_a_idx on big (a);\n"
        "downgradeScript: |-\n"
        "  drop index concurrently big_a_idx;\n");
}

TEST_CASE("syntax that the parser does not know is unknown, not a finding and no fault", "[lint]") {
  const test::ProjectFiles files;
  test::write_minimal(files);
  std::string chain = "1";
  for (int i = 0; i < 100'000; ++i) chain += "+1";
  files.write(
      "versions/0001.yml",
      version_file(
          1,
          "perform " + chain +
              "; "
              "alter table t frobnicate; create function f() returns int language sql begin atomic "
              "select 1; end; create function g() returns int language sql return 1; do $$ nonsense $$; "
              "execute 'alter ' || x || ' column'; execute f(x); ((((; end if; end loop;",
          "null;", true, ""));
  const Project project = load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
  CHECK(lint::lint(project).not_parsed > 0);
}
