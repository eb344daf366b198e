#include "docs/reference.h"

#include <algorithm>

#include "docs/diagram.h"
#include "docs/page.h"
#include "load/load.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;
using test::ProjectFiles;

namespace {

std::string version_file(int number, const std::string& script, const std::string& methods,
                         const std::string& extra = "") {
  std::string text =
      "version: " + std::to_string(number) + "\ndescription: version " + std::to_string(number) + "\n";
  if (!script.empty())
    text += "migrationScript: |-\n  begin\n    " + script +
            "\n  end\ndowngradeScript: |-\n  begin\n    null;\n  end\n";
  return text + extra + (methods.empty() ? "methods: {}\n" : "methods:\n" + methods);
}

std::string method(const std::string& name, const std::string& body) {
  return "  " + name + ":\n    description: what it does\n    mode: write\n    serviceName: desk\n" +
         "    args: id_in integer, note_in text default 'x'\n    returns: void\n    body: |-\n      begin\n  "
         "      " +
         body + "\n      end\n";
}

/// Six versions of two tables and a few functions.
void write_versions(const ProjectFiles& files) {
  files.write("versions/0001.yml",
              version_file(
                  1,
                  "create table notes (id integer primary key, note text not null default 'none'); "
                  "create table gone (id integer); create table old_name (id integer references notes (id));",
                  method("note_add", "insert into notes (id, note) values (id_in, note_in);") +
                      method("note_drop", "delete from notes where id = id_in;")));
  files.write(
      "versions/0002.yml",
      version_file(2,
                   "alter table notes add column author text; "
                   "create index notes_author_idx on notes (author) where author <> ''; drop table gone; "
                   "drop table if exists never_there;",
                   ""));
  files.write(
      "versions/0003.yml",
      version_file(
          3, "alter table old_name rename to lines; alter table notes rename column author to writer;", ""));
  files.write("versions/0004.yml",
              version_file(4, "", method("note_add", "insert into lines select id_in from notes;")));
  files.write("versions/0005.yml", version_file(5, "", "  note_drop:\n    deprecated: true\n"));
  files.write(
      "versions/0006.yml",
      version_file(6, "update notes set note = 'x'; drop index notes_author_idx;", "", "loses: the index\n"));
}

Project loaded(const ProjectFiles& files) {
  files.write("schema/tables.yml",
              "notes: {id: integer not null, note: text not null, writer: text}\nlines: {id: integer}\n");
  files.write("schema/access.yml",
              "desk: {tables: {notes: write, lines: write}}\nweb: {tables: {notes: read}}\n");
  return load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
}

Project project_of(const ProjectFiles& files) {
  write_versions(files);
  files.write("schema/releases.yml", "v1.0.0: 1\nv2.0.0: 4\nv3.0.0: 5\n");
  return loaded(files);
}

std::string changes_text(const docs::VersionEntry& version) {
  std::string text;
  for (const docs::ChangesOfTable& group : docs::by_table(version.changes)) {
    text += group.table + (group.made ? " made" : "") + (group.dropped ? " dropped" : "");
    for (const docs::Phrase& detail : group.details) text += "; " + docs::markdown(detail);
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("Tables know who made and changed them", "[docs]") {
  const ProjectFiles files;
  const docs::Reference reference = docs::read_reference(project_of(files));
  const docs::TableEntry* notes = reference.table("notes");
  const docs::TableEntry* lines = reference.table("lines");
  REQUIRE(notes != nullptr);
  REQUIRE(lines != nullptr);
  CHECK(reference.table("gone") == nullptr);
  CHECK(notes->made_in == 1);
  CHECK(notes->changed_in == 6);
  REQUIRE(notes->columns.size() == 3);
  CHECK(notes->columns[1].value == "default 'none'");
  CHECK(notes->columns[1].since == 1);
  CHECK(notes->columns[2].name == "writer");
  CHECK(notes->columns[2].since == 2);
  CHECK(notes->primary_key == std::vector<std::string>{"id"});
  CHECK(notes->indexes.empty());
  CHECK(notes->writers == std::vector<std::string>{"desk"});
  CHECK(notes->readers == std::vector<std::string>{"web"});
  CHECK(lines->made_in == 1);
  CHECK(lines->changed_in == 3);
  REQUIRE(lines->foreign_keys.size() == 1);
  CHECK(lines->foreign_keys[0].referenced == "notes");
  REQUIRE(notes->referenced_by.size() == 1);
  CHECK(notes->referenced_by[0].table == "lines");
}

TEST_CASE("An index tells its whole statement where columns do not tell all", "[docs]") {
  const ProjectFiles files;
  write_versions(files);
  files.write("versions/0006.yml", version_file(6, "create unique index on notes (note, writer);", ""));
  const docs::Reference reference = docs::read_reference(loaded(files));
  const auto& indexes = reference.table("notes")->indexes;
  REQUIRE(indexes.size() == 2);
  CHECK(indexes[0].name == "notes_author_idx");
  CHECK(indexes[0].definition == "create index notes_author_idx on notes (author) where author <> ''");
  CHECK(indexes[0].since == 2);
  CHECK(indexes[1].columns == std::vector<std::string>{"note", "writer"});
  CHECK(indexes[1].unique);
  CHECK(indexes[1].definition.empty());
}

TEST_CASE("A foreign key follows the table that it points to", "[docs]") {
  const ProjectFiles files;
  write_versions(files);
  files.write(
      "versions/0006.yml",
      version_file(
          6, "alter table notes rename to remarks; alter table remarks rename column id to remark_id;", ""));
  loaded(files);
  files.write("schema/tables.yml", "remarks: {remark_id: integer not null}\nlines: {id: integer}\n");
  files.write("schema/access.yml", "{}\n");
  const docs::Reference reference =
      docs::read_reference(load::load_project(files.path(), [](const std::string&) { return std::nullopt; }));
  REQUIRE(reference.table("lines")->foreign_keys.size() == 1);
  CHECK(reference.table("lines")->foreign_keys[0].referenced == "remarks");
  CHECK(reference.table("lines")->foreign_keys[0].referenced_columns ==
        std::vector<std::string>{"remark_id"});
  REQUIRE(reference.table("remarks")->referenced_by.size() == 1);
  CHECK(reference.table("remarks")->primary_key == std::vector<std::string>{"remark_id"});
}

TEST_CASE("Versions tell what they change", "[docs]") {
  const ProjectFiles files;
  const docs::Reference reference = docs::read_reference(project_of(files));
  REQUIRE(reference.versions.size() == 6);
  CHECK(changes_text(reference.versions[0]) == "notes made\ngone made\nold_name made\n");
  CHECK(changes_text(reference.versions[1]) ==
        "notes; adds column `author` `text`; makes index `notes_author_idx` on `author`, partial\ngone "
        "dropped\n");
  CHECK(changes_text(reference.versions[2]) ==
        "old_name; is renamed to `lines`\nnotes; renames column `author` to `writer`\n");
  CHECK(changes_text(reference.versions[5]) == "notes; changes rows; drops index `notes_author_idx`\n");
  CHECK(reference.versions[0].defined == std::vector<std::string>{"note_add", "note_drop"});
  CHECK(reference.versions[3].redefined == std::vector<std::string>{"note_add"});
  CHECK(reference.versions[4].deprecated == std::vector<std::string>{"note_drop"});
  CHECK(reference.versions[3].kind == "methods only");
  CHECK(reference.versions[5].loses == "the index");
  CHECK(reference.versions[1].release == "v2.0.0");
  CHECK(reference.versions[5].release.empty());
}

TEST_CASE("A version is called quick, slow or nothing by what is known of sizes", "[docs]") {
  const ProjectFiles files;
  const auto kinds = [&](const std::string& sizes) {
    write_versions(files);
    if (!sizes.empty()) files.write("schema/sizes.yml", sizes);
    const docs::Reference reference = docs::read_reference(loaded(files));
    return reference.versions[0].kind + ", " + reference.versions[5].kind + ", " +
           reference.versions[5].estimate;
  };
  CHECK(kinds("") == "quick, script, ");
  CHECK(kinds("lines: {rows: 5000000, bytes: 1}\n") == "quick, quick, ");
  CHECK(kinds("notes: {rows: 5000000, bytes: 1}\n") == "quick, slow, 50 s – 2 h 46 min");
}

TEST_CASE("A script without a transaction is called by its statements", "[docs]") {
  const ProjectFiles files;
  write_versions(files);
  files.write(
      "versions/0006.yml",
      "version: 6\ntransactional: false\nmigrationScript: create index concurrently x on notes (note);\n"
      "downgradeScript: drop index concurrently x;\nmethods: {}\n");
  const docs::Reference reference = docs::read_reference(loaded(files));
  CHECK(reference.versions[5].kind == "statements");
  CHECK(reference.table("notes")->indexes.size() == 2);
}

TEST_CASE("Functions know their versions, tables and callers", "[docs]") {
  const ProjectFiles files;
  const docs::Reference reference = docs::read_reference(project_of(files));
  const docs::FunctionEntry* add = reference.function("note_add");
  const docs::FunctionEntry* drop = reference.function("note_drop");
  REQUIRE(add != nullptr);
  REQUIRE(drop != nullptr);
  CHECK(add->since == 1);
  CHECK(add->redefined_in == std::vector<int>{4});
  CHECK(add->writes == std::vector<std::string>{"lines"});
  CHECK(add->reads == std::vector<std::string>{"notes"});
  CHECK(add->deprecated_in == 0);
  CHECK(docs::deprecation(*add, reference).empty());
  REQUIRE(add->arguments.size() == 2);
  CHECK(add->arguments[1].default_text == "'x'");
  CHECK(drop->deprecated_in == 5);
  CHECK(drop->redefined_in.empty());
  CHECK(drop->service == "desk");
  // Release 2 may call it, and runs until release 4.
  CHECK(drop->last_caller == "v2.0.0");
  CHECK(drop->works_until == 4);
  CHECK(docs::html(docs::deprecation(*drop, reference)) ==
        "Deprecated since version 5. Services up to release <code>v2.0.0</code> may call it, and may run "
        "until major "
        "release 4: it must go on working until then.");
}

TEST_CASE("A function that came back is not deprecated", "[docs]") {
  const ProjectFiles files;
  write_versions(files);
  files.write("versions/0006.yml",
              version_file(6, "", method("note_drop", "delete from notes where id = id_in;")));
  const docs::Reference reference = docs::read_reference(loaded(files));
  CHECK(reference.function("note_drop")->deprecated_in == 0);
  CHECK(reference.function("note_drop")->redefined_in == std::vector<int>{6});
}

TEST_CASE("Releases know the versions that they may run on", "[docs]") {
  const ProjectFiles files;
  write_versions(files);
  files.write("dbtool.yml", "releaseSupport: 1\n");
  files.write("schema/releases.yml", "v1.0.0: 1\nv2.0.0: 2\nv3.0.0: 4\n");
  const docs::Reference reference = docs::read_reference(loaded(files));
  REQUIRE(reference.releases.size() == 3);
  CHECK(docs::database_versions(reference.releases[0]) == "1 – 3");
  CHECK(docs::database_versions(reference.releases[1]) == "2 and later");
  CHECK(docs::database_versions(reference.releases[2]) == "4 and later");
}

TEST_CASE("Diagrams show foreign keys and services, whatever tables are called", "[docs]") {
  const ProjectFiles files;
  docs::Reference reference = docs::read_reference(project_of(files));
  CHECK(docs::mermaid_keys(reference) ==
        "erDiagram\n  t1[\"lines\"]\n  t2[\"notes\"]\n  t1 }o--|| t2 : \"id\"\n");
  CHECK(docs::mermaid_services(reference) ==
        "flowchart LR\n  subgraph s1[\"desk\"]\n    t1[\"lines\"]\n    t2[\"notes\"]\n  end\n  t1 --> t2\n");
  reference.tables[0].name = "a\"]<b>";
  CHECK(docs::mermaid_services(reference).find("t1[\"a#34;#93;#60;b#62;\"]") != std::string::npos);
  CHECK(docs::graphviz_source(reference).find(R"("a\"]<b>")") != std::string::npos);
}

TEST_CASE("Pages are the same every time, and each bears the marker", "[docs]") {
  const ProjectFiles files;
  const Project project = project_of(files);
  const docs::Reference reference = docs::read_reference(project);
  const auto pages = docs::markdown_pages(reference, {});
  const auto again = docs::markdown_pages(docs::read_reference(project), {});
  REQUIRE(pages.size() == again.size());
  for (std::size_t at = 0; at < pages.size(); ++at) {
    CHECK(pages[at].file == again[at].file);
    CHECK(pages[at].contents == again[at].contents);
    CHECK(pages[at].contents.substr(0, 200).find(docs::marker) != std::string::npos);
    CHECK(pages[at].contents.find(files.path().string()) == std::string::npos);
  }
  const std::string html = docs::html_page(reference, "");
  CHECK(html == docs::html_page(docs::read_reference(project), ""));
  CHECK(html.substr(0, 200).find(docs::marker) != std::string::npos);
}

TEST_CASE("A bar in a description leaves the cells of a Markdown row alone", "[docs]") {
  const ProjectFiles files;
  write_versions(files);
  files.write("versions/0006.yml", "version: 6\ndescription: \"a | b `c | d` </details>\"\nmethods: {}\n");
  const docs::Reference reference = docs::read_reference(loaded(files));
  for (const docs::Page& page : docs::markdown_pages(reference, {}))
    if (page.file == "versions.md")
      CHECK(page.contents.find("| a \\| b `c \\| d` \\</details\\> |\n") != std::string::npos);
}
