#include <string>
#include <vector>

#include "load/release_name.h"
#include "test/support/catch.h"
#include "test/unit/load/load_support.h"

using namespace dbtool;
using namespace dbtool::test;

namespace {

const std::vector<BadFile> bad_tables{
    {"no mapping",
     "- a\n",
     {"schema/tables.yml:1:1: the file must be a mapping, not a list; write `table: {column: type}`, or {} "
      "when there "
      "are none"}},
    {"a table without a value",
     "queue_tasks:\naccess: {id: integer}\n",
     {"schema/tables.yml:1:1: `queue_tasks` must be a mapping, not nothing; write its columns as `column: "
      "type`"}},
    {"a column without a type",
     "tasks:\n  id:\n",
     {"schema/tables.yml:2:3: `id` has no value; write one, or remove the key"}},
    {"a column with `not null` alone",
     "tasks:\n  id: not null\n",
     {"schema/tables.yml:2:7: the column `id` has no type; write one before `not null`"}},
    {"a column twice",
     "tasks:\n  id: integer\n  id: text\n",
     {"schema/tables.yml:3:3: the key `id` stands here a second time, first in line 2; remove one of them"}},
};

const std::vector<BadFile> bad_access{
    {"no mapping",
     "read\n",
     {"schema/access.yml:1:1: the file must be a mapping, not text; write `service: {tables: {table: "
      "read}}`, or {} "
      "when there are none"}},
    {"a service without tables",
     "queue: {}\n",
     {"schema/access.yml:1:1: `tables` of `queue` is missing; write `tables: {}` when there are none"}},
    {"a service with another key",
     "queue:\n  tabels: {tasks: read}\n",
     {"schema/access.yml:1:1: `tables` of `queue` is missing; write `tables: {}` when there are none",
      "schema/access.yml:2:3: `tabels` is not a key of a service; did you mean `tables`?"}},
    {"another access",
     "queue:\n  tables: {tasks: all}\n",
     {"schema/access.yml:2:19: access to `tasks` is `all`; write read or write"}},
    {"a table that is not declared",
     "queue:\n  tables: {taks: read, colours: write}\n",
     {"schema/access.yml:2:12: the table `taks` is not in tables.yml; did you mean `tasks`?",
      "schema/access.yml:2:24: the table `colours` is not in tables.yml; declare it there, or remove it"}},
    {"two services with one user",
     "web-server: {tables: {}}\nweb_server: {tables: {}}\n",
     {"schema/access.yml:2:1: `web_server` and `web-server` would have the same database user; rename one"}},
    {"an impossible service",
     "Web: {tables: {}}\n",
     {"schema/access.yml:1:1: `Web` cannot be a service's name; write lower-case letters, digits, - and _"}},
};

const std::vector<BadFile> bad_releases{
    {"a version that is none",
     "v1.0.0: one\n",
     {"schema/releases.yml:1:9: `v1.0.0` must be an integer, not text; write a whole number, 1 to 1, without "
      "quotes"}},
    {"a version above the newest",
     "v1.0.0: 2\n",
     {"schema/releases.yml:1:9: `v1.0.0` is 2; it must be 1 to 1"}},
    {"version 0", "v1.0.0: 0\n", {"schema/releases.yml:1:9: `v1.0.0` is 0; it must be 1 to 1"}},
    {"not ordered",
     "v2.0.0: 1\nv10.0.0: 1\nv9.1.0: 1\n",
     {"schema/releases.yml:3:1: the release v9.1.0 stands behind v10.0.0; order them, oldest first"}},
    {"not a release",
     "next: 1\n",
     {"schema/releases.yml:1:1: `next` is not the name of a release; write it as v34.0.0"}},
};

const std::vector<BadFile> bad_sizes{
    {"no rows",
     "tasks: {bytes: 5}\n",
     {"schema/sizes.yml:1:1: `rows` of `tasks` is missing; write `rows: …`"}},
    {"negative",
     "tasks: {rows: -1, bytes: 5}\n",
     {"schema/sizes.yml:1:15: `rows` is -1; it must be 0 or more"}},
    {"another key",
     "tasks: {rows: 1, bytes: 5, row: 3}\n",
     {"schema/sizes.yml:1:28: `row` is not a key of a table's size; did you mean `rows`?"}},
};

void check_file(const std::string& name, const std::vector<BadFile>& cases) {
  for (const BadFile& bad : cases) {
    INFO(bad.rule);
    const ProjectFiles files;
    write_minimal(files);
    files.write("schema/tables.yml", "tasks: {id: integer}\n");
    files.write(name, bad.contents);
    CHECK(complaints_about(files) == bad.complaints);
  }
}

}  // namespace

TEST_CASE("Each rule of tables.yml has its complaint", "[load]") {
  check_file("schema/tables.yml", bad_tables);
}

TEST_CASE("Each rule of access.yml has its complaint", "[load]") {
  check_file("schema/access.yml", bad_access);
}

TEST_CASE("Each rule of releases.yml has its complaint", "[load]") {
  check_file("schema/releases.yml", bad_releases);
}

TEST_CASE("Each rule of sizes.yml has its complaint", "[load]") {
  check_file("schema/sizes.yml", bad_sizes);
}

TEST_CASE("A later release cannot need an older version", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("versions/0002.yml", "version: 2\nmethods: {}\n");
  files.write("schema/releases.yml", "v1.0.0: 2\nv2.0.0: 1\n");
  CHECK(complaints_about(files) ==
        std::vector<std::string>{
            "schema/releases.yml:2:9: the release v2.0.0 needs version 1, less than 2 of v1.0.0 "
            "before it; mend one"});
}

TEST_CASE("The declared schema is read", "[load]") {
  const ProjectFiles files;
  write_minimal(files);
  files.write("schema/tables.yml",
              "tasks:\n  id: integer not null\n  note: text\n  at: timestamp with time zone  NOT NULL\n"
              "  odd: \"\\\"not null\\\"\"\nempty: {}\n");
  files.write("schema/access.yml", "queue: {tables: {tasks: write}}\nweb-server: {tables: {tasks: read}}\n");
  files.write("schema/sizes.yml", "tasks: {rows: 27000000, bytes: 40000000000}\n");
  files.write("schema/releases.yml", "# first\nv1.0.0-beta.1: 1\nv1.0.0: 1\nv1.0.10: 1\n34.1: 1\n");
  const Project project = load_files(files);
  REQUIRE(project.tables.size() == 2);
  const auto& columns = project.tables[0].columns;
  REQUIRE(columns.size() == 4);
  CHECK(columns[0].type == "integer");
  CHECK(columns[0].not_null);
  CHECK(columns[0].position.line == 2);
  CHECK(columns[0].position.column == 3);
  CHECK(columns[1].type == "text");
  CHECK_FALSE(columns[1].not_null);
  CHECK(columns[2].type == "timestamp with time zone");
  CHECK(columns[2].not_null);
  CHECK(columns[3].type == "\"not null\"");
  REQUIRE(project.access.size() == 2);
  CHECK(project.access[0].tables[0].mode == MethodMode::write);
  CHECK(project.access[1].service == "web-server");
  CHECK(project.access[1].tables[0].mode == MethodMode::read);
  REQUIRE(project.sizes.size() == 1);
  CHECK(project.sizes[0].bytes == 40'000'000'000);
  CHECK(project.releases.size() == 4);
  CHECK(project.releases[2].name == "v1.0.10");
}

TEST_CASE("Releases are ordered as people order them", "[load]") {
  using load::parse_release_name;
  CHECK(*parse_release_name("v9.1.0") < *parse_release_name("v10.0.0"));
  CHECK(*parse_release_name("v1.0.0-beta") < *parse_release_name("v1.0.0"));
  CHECK(*parse_release_name("v1.0.0") < *parse_release_name("1.0.1-beta"));
  for (const char* bad : {"", "v", "v1.", "v1..2", "1.x", "v1-", "-1"}) CHECK_FALSE(parse_release_name(bad));
}
