#include "new/online_template.h"

#include "base/error.h"
#include "new/fill.h"
#include "new/new_version.h"
#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

/// Version 1 makes a table with a key of two columns, and a function that writes it.
void write_notes(const ProjectFiles& files) {
  write_minimal(files);
  files.write("schema/tables.yml",
              "notes:\n  owner: text not null\n  Number: integer not null\n  body: text not null\n"
              "heap:\n  line: text\n");
  files.write("schema/access.yml",
              "the-desk:\n  tables:\n    notes: write\nreader:\n  tables:\n    notes: read\n");
  files.write("versions/0001.yml", R"yaml(version: 1
migrationScript: |-
  begin
    create table notes (owner text, "Number" integer, body text not null, primary key ("Number", owner));
    create table heap (line text);
  end
downgradeScript: |-
  begin
    drop table heap;
    drop table notes;
  end
methods:
  add_note:
    description: Adds one.
    mode: write
    serviceName: the-desk
    args: body_in text
    returns: void
    body: |-
      begin
        insert into notes values ('me', 1, body_in);
      end
)yaml");
}

}  // namespace

TEST_CASE("A table is what the project's files say of it", "[new]") {
  const ProjectFiles files;
  write_notes(files);
  const SourceTable table = read_source_table(load_files(files), "notes");
  REQUIRE(table.columns.size() == 3);
  CHECK(table.columns[1].type == "integer");
  CHECK(table.columns[1].not_null);
  CHECK(table.key == std::vector<std::string>{"Number", "owner"});
  CHECK(table.key_known);
  REQUIRE(table.users.size() == 2);
  CHECK(table.users[0].service == "the-desk");
  CHECK(table.users[0].writes);
  CHECK_FALSE(table.users[1].writes);
  CHECK(table.writers == std::vector<std::string>{"add_note"});
  CHECK_FALSE(read_source_table(load_files(files), "heap").key_known);
  try {
    read_source_table(load_files(files), "note");
    FAIL("there is no such table");
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::usage);
    CHECK(error.advice() == "did you mean notes?");
  }
}

TEST_CASE("Every pattern of an online migration loads, of a table and as an example", "[new]") {
  for (const std::string& name : online_pattern_names()) {
    for (const bool of_table : {true, false}) {
      INFO(name << (of_table ? ", of a table" : ", as an example"));
      const ProjectFiles files;
      write_notes(files);
      NewVersion wanted;
      wanted.kind = VersionKind::online;
      wanted.title = "Worker's \"papers\" # x: y";
      wanted.pattern = *parse_online_pattern(name);
      if (of_table) wanted.source = read_source_table(load_files(files), "notes");
      carry_out(files.path(), plan_new_version(wanted, read_project_texts(files.path())));
      CHECK(complaints_about(files).empty());
      const Project project = load_files(files);
      const bool two = name == "dual-write" || name == "move";
      REQUIRE(project.newest() == (two ? 3 : 2));
      CHECK(project.version(2).description.starts_with(wanted.title));
      const Version& walks = project.version(name == "move" ? 3 : 2);
      CHECK(walks.online_migration.has_value() == (name != "functions"));
      if (walks.online_migration && of_table) {
        CHECK(walks.online_migration->table == "notes");
        CHECK(walks.online_migration->key == std::vector<std::string>{"Number", "owner"});
      }
      CHECK(project.version(project.newest()).online_downgrade.has_value() == two);
    }
  }
  CHECK_FALSE(parse_online_pattern("dual-wirte"));
}

TEST_CASE("A function of a template belongs to the service that writes the table", "[new]") {
  const ProjectFiles files;
  write_notes(files);
  OnlineValues values{2, "'x", "the-desk", read_source_table(load_files(files), "notes"), "papers"};
  const std::string text = fill_online_template(OnlinePattern::dual_write, values).front();
  CHECK(text.find("grant select, insert, update, delete on papers to $db_user_prefix$_the_desk;\n") !=
        text.npos);
  CHECK(text.find("grant select on papers to $db_user_prefix$_reader;\n") != text.npos);
  CHECK(text.find("#   add_note\n") != text.npos);
  CHECK(text.find("args: owner_in text, number_in integer, body_in text\n") != text.npos);
  CHECK(text.find("on conflict (\"Number\", owner) do update set body = excluded.body;") != text.npos);
  CHECK(text.find("@{") == text.npos);
}

TEST_CASE("Blanks are filled, lines that get long are broken", "[new]") {
  const Blanks blanks{
      {"none", ""}, {"two", "a\nb"}, {"long", std::string(80, 'x') + ", " + std::string(80, 'y')}};
  CHECK(fill_blanks("1\n  @{none}\n\n  @{two}\n(@{two})\n", blanks) == "1\n\n  a\n  b\n(a\nb)\n");
  CHECK(fill_blanks("  f(@{long})\n", blanks) ==
        "  f(" + std::string(80, 'x') + ",\n    " + std::string(80, 'y') + ")\n");
  // A comment is not broken: what went on would be none.
  CHECK(fill_blanks("# @{long}\n", blanks).find('\n') > 160);
}
