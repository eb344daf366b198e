#include "load/load.h"

#include <string>
#include <vector>

#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

using Texts = std::vector<std::string>;

std::string version(int number) {
  return "version: " + std::to_string(number) + "\nmethods: {}\n";
}

/// A version that defines f(args) with these values.
std::string version_of_f(int number, const std::string& mode, const std::string& service,
                         const std::string& args, const std::string& returns) {
  return "version: " + std::to_string(number) + "\nmethods:\n  f:\n    description: F.\n    mode: " + mode +
         "\n    serviceName: " + service + "\n    args: " + args + "\n    returns: " + returns +
         "\n    body: begin end\n";
}

}  // namespace

TEST_CASE("A folder that is not there is said so", "[load]") {
  const ProjectFiles files;
  CHECK(complaints_about(files) ==
        Texts{"schema/access.yml: the file is missing; write it, with {} when there is nothing to declare",
              "schema/tables.yml: the file is missing; write it, with {} when there is nothing to declare",
              "versions: there is no such folder; run in a project directory, or name one with -C"});
  std::filesystem::remove_all(files.path());
  REQUIRE(complaints_about(files).size() == 1);
  CHECK(complaints_about(files)[0].find("there is no such directory; name a project directory with -C") !=
        std::string::npos);
}

TEST_CASE("Version files are found by their names", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  SECTION("any padding, both endings, other files left alone") {
    files.write("versions/2.yaml", version(2));
    files.write("versions/000003.yml", version(3));
    for (const char* other :
         {"0004.yml~", "0004.yml.orig", ".0004.yml.swp", ".0004.yml", "0004.sql", "README", "0004.yml.bak"}) {
      files.write(std::string("versions/") + other, "not a version");
    }
    std::filesystem::create_directory(files.path() / "versions/0009.yml");
    CHECK(load_files(files).newest() == 3);
  }
  SECTION("other names") {
    files.write("versions/next.yml", version(2));
    files.write("versions/0.yml", version(0));
    files.write("versions/0002-tasks.yml", version(2));
    files.write("versions/99999999999.yml", version(2));
    const std::string advice =
        ": not the name of a version file; name it by its number, as 0001.yml, or move it elsewhere";
    CHECK(complaints_about(files) == Texts{"versions/0.yml" + advice, "versions/0002-tasks.yml" + advice,
                                           "versions/99999999999.yml" + advice,
                                           "versions/next.yml" + advice});
  }
  SECTION("a duplicate") {
    files.write("versions/1.yml", version(1));
    CHECK(complaints_about(files) ==
          Texts{"versions/1.yml: version 1 is also 0001.yml; remove or renumber one of them"});
  }
  SECTION("gaps") {
    files.write("versions/0003.yml", version(3));
    files.write("versions/0007.yml", version(7));
    CHECK(complaints_about(files) == Texts{"versions/0003.yml: version 2 is missing before this file; add "
                                           "what is missing, or renumber: versions go "
                                           "from 1 up without a gap",
                                           "versions/0007.yml: versions 4 to 6 are missing before this file; "
                                           "add what is missing, or renumber: "
                                           "versions go from 1 up without a gap"});
  }
  SECTION("none") {
    files.remove("versions/0001.yml");
    CHECK(complaints_about(files) ==
          Texts{"versions: there is no version file; write the first, as 0001.yml"});
  }
  SECTION("a link to nowhere") {
    std::filesystem::create_symlink("nowhere", files.path() / "versions/0002.yml");
    const auto complaints = complaints_about(files);
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0].starts_with("versions/0002.yml: cannot read"));
  }
}

TEST_CASE("The old layout is read as it stands", "[load]") {
  const ProjectFiles files;
  files.write("versions/0001.yml", version(1));
  files.write("tables.yml", "a: {id: integer}\n");
  files.write("access.yml", "queue: {tables: {a: read}}\n");
  files.write("releases.txt", "v1.0.0: 1\r\n");
  SECTION("at the top") {
    const Project project = load_files(files);
    CHECK(project.tables.size() == 1);
    CHECK(project.access.size() == 1);
    CHECK(project.releases.size() == 1);
    CHECK(project.settings.version_table == "dbtool.version");
  }
  SECTION("but not at both places") {
    files.write("schema/tables.yml", "{}\n");
    files.write("schema/releases.yml", "v1.0.0: 1\n");
    const auto complaints = complaints_about(files);
    REQUIRE(complaints.size() == 3);
    CHECK(complaints[0].starts_with("access.yml:1:18: the table `a` is not in tables.yml"));
    CHECK(complaints[1] ==
          "releases.txt: stands beside schema/releases.yml, which says the same; remove one of them");
    CHECK(complaints[2] ==
          "tables.yml: stands beside schema/tables.yml, which says the same; remove one of them");
  }
}

TEST_CASE("Functions are forever", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0001.yml", version_of_f(1, "read", "queue", "a integer, b text", "void"));
  SECTION("what means the same is the same") {
    files.write("versions/0002.yml", version_of_f(2, "read", "queue", "'a int,b TEXT -- note'", "VOID"));
    files.write("versions/0003.yml", "version: 3\nmethods: {f: {deprecated: true}}\n");
    files.write("versions/0004.yml", version_of_f(4, "read", "queue", "a integer, b text", "void"));
    const Project project = load_files(files);
    CHECK(method_state(project, "f", 3).deprecated);
    CHECK(method_state(project, "f", 3).defined_in == 2);
    CHECK_FALSE(method_state(project, "f", 4).deprecated);
    CHECK(method_state(project, "f", 0).definition == nullptr);
    CHECK(method_state(project, "g", 4).definition == nullptr);
  }
  SECTION("what changed is named, with both versions") {
    files.write("versions/0002.yml", version_of_f(2, "read", "queue", "a integer, b text", "void"));
    files.write("versions/0003.yml", version_of_f(3, "write", "auth", "a integer", "integer"));
    const std::string tail = "; a function never changes its ";
    CHECK(complaints_about(files) ==
          Texts{"versions/0003.yml:3:3: `mode` of `f` is `write` in version 3, but was `read` in version 1" +
                    tail + "mode, write a new function",
                "versions/0003.yml:3:3: `serviceName` of `f` is `auth` in version 3, but was `queue` in "
                "version 1" +
                    tail + "serviceName, write a new function",
                "versions/0003.yml:7:11: `args` of `f` is `a integer` in version 3, but was `a integer, b "
                "text` in "
                "version 1" +
                    tail + "args, write a new function",
                "versions/0003.yml:8:14: `returns` of `f` is `integer` in version 3, but was `void` in "
                "version 1" +
                    tail + "returns, write a new function"});
  }
  SECTION("what a deprecated entry says counts too") {
    files.write("versions/0002.yml", "version: 2\nmethods: {f: {deprecated: true, mode: write}}\n");
    CHECK(complaints_about(files).size() == 1);
  }
  SECTION("only what exists can be deprecated") {
    files.write("versions/0002.yml", "version: 2\nmethods: {ff: {deprecated: true}}\n");
    CHECK(complaints_about(files) ==
          Texts{"versions/0002.yml:2:11: `ff` is deprecated, but no earlier version defines it; mend the "
                "name, or remove the entry"});
  }
}

TEST_CASE("SQL values know where they stand", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/up.sql",
              "\xEF\xBB\xBF"
              "begin\r\n  x;\r\nend\r\n");
  files.write("versions/0001.yml",
              "version: 1\r\n"
              "migrationScript: up.sql\r\n"
              "downgradeScript: |2-\r\n"
              "\r\n"
              "    begin\r\n"
              "   \xC3\xA9 x;\r\n"
              "  end\r\n"
              "methods:\r\n"
              "  f:\r\n"
              "    description: >\r\n"
              "      folded\r\n"
              "      text\r\n"
              "    mode: read\r\n"
              "    serviceName: queue\r\n"
              "    args: \"a text\"\r\n"
              "    returns: 'text'\r\n"
              "    body: >-\r\n"
              "      begin\r\n"
              "      end\r\n");
  const Project project = load_files(files);
  const Version& version = project.version(1);
  CHECK(version.migration_script->text == "begin\n  x;\nend\n");
  CHECK(to_text(version.migration_script->locate(8)) == "versions/up.sql:2:3");
  CHECK(version.downgrade_script->text == "\n  begin\n \xC3\xA9 x;\nend");
  CHECK(to_text(version.downgrade_script->locate(3)) == "versions/0001.yml:5:5");
  CHECK(to_text(version.downgrade_script->locate(13)) == "versions/0001.yml:6:6");
  const Method& f = version.methods.at(0);
  CHECK(f.description == "folded text\n");
  CHECK(to_text(f.args->locate(2)) == "versions/0001.yml:15:14");
  CHECK(to_text(f.returns->locate(0)) == "versions/0001.yml:16:15");
  CHECK(f.body->text == "begin end");
  CHECK(f.body->indent == -1);
  CHECK(to_text(f.body->locate(7)) == "versions/0001.yml:17:11");
}

TEST_CASE("A script may be one line, a label, a comment only, or hold quotes of every kind", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0001.yml", R"(version: 1
migrationScript: begin end
downgradeScript: |
  -- nothing to do
  /* at /* all */ */
  begin
    -- the tables stay
  end
methods:
  f:
    description: 'It''s "f": #1'
    mode: write
    serviceName: web-server
    args: ''
    returns: table (a text[], b "Odd Name", c numeric(10, 2))
    body: |
      <<outer>>
      declare
        a text := $$it's$$ || $x$ $$nested$$ $x$ || E'\\' || '%';
      begin
        execute format($q$ select %I $q$, a);
      end
)");
  const Project project = load_files(files);
  const Version& version = project.version(1);
  CHECK(version.migration_script->text == "begin end");
  CHECK(to_text(version.migration_script->place) == "versions/0001.yml:2:18");
  CHECK(version.methods[0].description == "It's \"f\": #1");
  CHECK(version.methods[0].args->text.empty());
  CHECK(version.methods[0].body->text.find("E'\\\\' || '%'") != std::string::npos);
}

TEST_CASE("Anchors and aliases stand for their values", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0001.yml", R"(version: 1
migrationScript: &nothing |
  begin
  end
downgradeScript: *nothing
methods: {}
)");
  const Project project = load_files(files);
  CHECK(project.version(1).downgrade_script->text == "begin\nend\n");
  CHECK(project.version(1).migration_script->indent == 2);
  CHECK(to_text(project.version(1).migration_script->place) == "versions/0001.yml:3:3");
}

TEST_CASE("A checksum tells versions apart by what they mean", "[load]") {
  const auto checksum_of = [](const std::string& contents, const std::string& side = "begin end") {
    const ProjectFiles files;
    write_minimal(files);
    files.write("versions/0001.yml", contents);
    files.write("versions/up.sql", side);
    return load_files(files).version(1).checksum;
  };
  const std::string head = "version: 1\nmethods: {}\n";
  const std::string scripts = "migrationScript: begin end\ndowngradeScript: begin end\n";
  const std::string plain = checksum_of(head);
  CHECK(plain.size() == 64);
  // The value is kept in databases: it must never change.
  CHECK(plain == "cd3f53f8b22388066c2d3c815837170fa3fdc62ba31a5ef170b3446a4a1b66db");

  CHECK(checksum_of(head + "description: x\n") == plain);
  CHECK(checksum_of(head + "transactional: true\n") == plain);
  CHECK(checksum_of("methods: {}\nversion: 1\n") == plain);
  CHECK(checksum_of("version: 1\r\nmethods: {}\r\n") == plain);
  CHECK(checksum_of(head + "loses: x\n") != plain);
  CHECK(checksum_of(head + scripts) != plain);
  CHECK(checksum_of(head + "migrationScript: up.sql\ndowngradeScript: begin end\n") ==
        checksum_of(head + scripts));
  CHECK(checksum_of(head + "migrationScript: up.sql\ndowngradeScript: begin end\n", "begin\r\nend\r\n") ==
        checksum_of(head + "migrationScript: up.sql\ndowngradeScript: begin end\n", "begin\nend\n"));
  CHECK(checksum_of(head + "verify: {upgrade: [select true]}\n") !=
        checksum_of(head + "verify: {downgrade: [select true]}\n"));
}
