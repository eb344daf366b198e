#include "new/new_version.h"

#include "base/error.h"
#include "base/file.h"
#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

void write_new(const ProjectFiles& files, const NewVersion& wanted) {
  carry_out(files.path(), plan_new_version(wanted, read_project_texts(files.path())));
}

/// The exit code and text of the error that planning throws.
std::pair<ExitCode, std::string> refusal(const ProjectFiles& files, const NewVersion& wanted) {
  try {
    plan_new_version(wanted, read_project_texts(files.path()));
  } catch (const Error& error) {
    return {error.exit_code(), error.what()};
  }
  return {ExitCode::done, ""};
}

}  // namespace

TEST_CASE("Every template loads", "[new]") {
  for (const std::string& name : version_kind_names()) {
    INFO(name);
    const ProjectFiles files;
    write_minimal(files);
    NewVersion wanted;
    wanted.kind = *parse_version_kind(name);
    wanted.title = "Worker's pools: 2nd \"go\" # x";
    wanted.service = "worker-manager";
    write_new(files, wanted);
    CHECK(complaints_about(files).empty());
    const Project project = load_files(files);
    CHECK(project.newest() == (name == "two-step" || name == "online" ? 3 : 2));
    CHECK(project.version(2).description.starts_with(wanted.title));
    CHECK(project.version(2).transactional == (name != "concurrent-index"));
  }
  CHECK_FALSE(parse_version_kind("tabel"));
}

TEST_CASE("The first version of a project can be new", "[new]") {
  const ProjectFiles files;
  write_minimal(files);
  files.remove("versions/0001.yml");
  write_new(files, {VersionKind::table, "sessions", "", {}, {}});
  CHECK(load_files(files).version(1).methods.at(0).name == "sessions_get");
}

TEST_CASE("A title gives a name", "[new]") {
  CHECK(object_name("Tasks of a queue") == "tasks_of_a_queue");
  CHECK(object_name("  2nd -- try!") == "nd_try");
  CHECK(object_name("Été") == "t");
  CHECK(object_name("123") == "my_table");
  CHECK(object_name(std::string(200, 'a')).size() == 40);
}

TEST_CASE("A version before another moves the later ones up", "[new]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0002.yml",
              "# two\r\nmethods: {}\r\nmigrationScript: up.sql\r\ndowngradeScript: |-\r\n  begin\r\n    drop "
              "function if "
              "exists online_migration_v2_batch;\r\n  end\r\nversion: 2 # here\r\n");
  files.write("versions/up.sql",
              "begin\n  -- online_migration_v1_batch stays, online_migration_v2_batch and "
              "online_downgrade_v3_is_complete "
              "move\nend\n");
  files.write("versions/0003.yml", "{description: \xC3\xA9, version: 3, methods: {}}\n");
  files.write("schema/releases.yml", "v1.0.0: 1\nv2.0.0: 2 # two\nv3.0.0: 3\n");
  NewVersion wanted{VersionKind::two_step, "fix", "", 2, 1};
  write_new(files, wanted);
  const Project project = load_files(files);
  REQUIRE(project.newest() == 5);
  CHECK(project.version(2).description == "fix, first step");
  CHECK(project.version(3).description == "fix, second step");
  CHECK(project.version(4).downgrade_script->text.find("online_migration_v4_batch") != std::string::npos);
  CHECK(project.version(4).migration_script->text ==
        "begin\n  -- online_migration_v1_batch stays, online_migration_v4_batch and "
        "online_downgrade_v5_is_complete "
        "move\nend\n");
  CHECK(read_file(files.path() / "versions/0004.yml").ends_with("version: 4 # here\r\n"));
  CHECK(read_file(files.path() / "versions/0005.yml") ==
        "{description: \xC3\xA9, version: 5, methods: {}}\n");
  CHECK(read_file(files.path() / "schema/releases.yml") == "v1.0.0: 1\nv2.0.0: 4 # two\nv3.0.0: 5\n");
}

TEST_CASE("Padding is kept and grows where it must", "[new]") {
  const ProjectFiles files;
  write_minimal(files);
  files.remove("versions/0001.yml");
  for (int i = 1; i <= 9; ++i) {
    files.write("versions/" + std::to_string(i) + ".yaml",
                "version: " + std::to_string(i) + "\nmethods: {}\n");
  }
  write_new(files, {VersionKind::methods, "fix", "", 9, {}});
  CHECK(std::filesystem::exists(files.path() / "versions/10.yaml"));
  CHECK(load_files(files).version(9).description == "fix");
}

TEST_CASE("What cannot be renumbered is refused, and nothing is written", "[new]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0002.yml", "version: 2\nmethods: {}\n");
  CHECK(refusal(files, {VersionKind::methods, "x", "", 2, 2}) ==
        std::pair{ExitCode::failed,
                  std::string("version 2 is applied to the database, so the versions from 2 on cannot "
                              "be renumbered")});
  CHECK(refusal(files, {VersionKind::methods, "x", "", 2, 1}).first == ExitCode::done);
  CHECK(refusal(files, {VersionKind::methods, "x", "", 3, 2}).first == ExitCode::done);
  CHECK(refusal(files, {VersionKind::methods, "x", "", 4, {}}).first == ExitCode::usage);
  CHECK(refusal(files, {VersionKind::methods, "x", "", 0, {}}).first == ExitCode::usage);
  for (const char* title : {"", " ", "caf\xe9"})
    CHECK(refusal(files, {VersionKind::methods, title, "", {}, {}}).first == ExitCode::usage);
  files.write("versions/0002.yml", "version: 2\nmethods: {\n");
  CHECK(refusal(files, {VersionKind::methods, "x", "", 2, {}}).first == ExitCode::usage);
  files.write("versions/0004.yml", "version: 4\nmethods: {}\n");
  CHECK(refusal(files, {VersionKind::methods, "x", "", {}, {}}).first == ExitCode::usage);
  const ProjectFiles nothing;
  CHECK_THROWS_AS(read_project_texts(nothing.path()), Error);
}
