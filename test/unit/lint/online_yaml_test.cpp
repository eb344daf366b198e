#include "lint/online_yaml.h"

#include "lint/clauses.h"
#include "lint/lint.h"
#include "lint/plan_scan.h"
#include "lint/state_keys.h"
#include "load/load.h"
#include "test/support/catch.h"
#include "test/support/project_files.h"

using namespace dbtool;

namespace {

const std::string tables =
    "version: 1\n"
    "migrationScript: |-\n"
    "  begin\n"
    "    create table tasks (task_id text, owner text, priority text, primary key (task_id));\n"
    "    create table entities (row_key text, value jsonb not null, primary key (row_key));\n"
    "  end\n"
    "downgradeScript: |-\n"
    "  begin\n"
    "    drop table tasks;\n"
    "    drop table entities;\n"
    "  end\n"
    "methods: {}\n";

Project project_of(const test::ProjectFiles& files, const std::string& second) {
  files.write("versions/0001.yml", tables);
  files.write("versions/0002.yml", second);
  files.write("schema/tables.yml", "{}\n");
  files.write("schema/access.yml", "{}\n");
  return load::load_project(files.path(), [](const std::string&) { return std::nullopt; });
}

/// What the finding about whole tables advises for a statement.
std::string rewrite_of(const std::string& statement) {
  const test::ProjectFiles files;
  const Project project = project_of(files, "version: 2\nmigrationScript: |-\n  begin\n    " + statement +
                                                "\n  end\ndowngradeScript: begin end\nmethods: {}\n");
  lint::Options options;
  options.versions = {2};
  for (const Finding& finding : lint::lint(project, options).findings) {
    if (finding.rule == "rows-not-online") return finding.rewrite;
  }
  return "nothing found";
}

}  // namespace

TEST_CASE("the advised online migration carries the names, key and conditions of the statement", "[lint]") {
  CHECK(rewrite_of("update tasks set priority = 'lowest' where priority is null or owner = '';") ==
        "online:\n"
        "  migration:\n"
        "    table: tasks\n"
        "    key: [task_id]\n"
        "    batch: |-\n"
        "      update tasks set priority = 'lowest'\n"
        "      where $range$\n"
        "        and (priority is null or owner = '')\n"
        "    complete: select not exists (select from tasks where priority is null or owner = '')\n");
  CHECK(
      rewrite_of(
          "insert into tasks (task_id, owner) select e.row_key, e.value ->> 'owner' from entities e;") ==
      "online:\n"
      "  migration:\n"
      "    table: entities\n"
      "    key: [row_key]\n"
      "    batch: |-\n"
      "      insert into tasks (task_id, owner) select e.row_key, e.value ->> 'owner' from entities e\n"
      "      where $range:e$\n"
      "      for update of e\n"
      "      on conflict (task_id) do nothing\n"
      "    complete: select not exists (select from entities e where not exists (select from tasks t where "
      "t.task_id = e.row_key))\n"
      "    verify:\n"
      "      source: select count(*) from entities e where $range:e$\n"
      "      copy: select count(*) from entities e join tasks t on t.task_id = e.row_key where $range:e$\n");
}

TEST_CASE("what does not tell done rows from others is left to be filled in", "[lint]") {
  for (const char* statement :
       {"update tasks set owner = now()::text;", "update tasks set owner = owner || '!';"})
    CHECK(rewrite_of(statement).find("where …)") != std::string::npos);
}

TEST_CASE("the advised online migration is one that lint has nothing against", "[lint]") {
  for (const char* statement :
       {"update tasks set priority = 'lowest';", "delete from tasks where owner is null;",
        "insert into tasks (task_id, owner) select e.row_key, e.value ->> 'owner' from entities e;"}) {
    const test::ProjectFiles files;
    const std::string rewrite = rewrite_of(statement);
    INFO(rewrite);
    const Project project = project_of(files, "version: 2\nmethods: {}\n" + rewrite);
    lint::Options options;
    options.versions = {2};
    for (const Finding& finding : lint::lint(project, options).findings) {
      INFO(finding.rule << ": " << finding.message);
      CHECK(finding.severity == Severity::note);
    }
  }
}

TEST_CASE("a loop of one statement is given as one statement", "[lint]") {
  const test::ProjectFiles files;
  const Project project = project_of(files,
                                     "version: 2\n"
                                     "migrationScript: |-\n"
                                     "  declare e record;\n"
                                     "  begin\n"
                                     "    for e in select * from entities loop\n"
                                     "      insert into tasks (task_id, owner) values (e.row_key, 'me');\n"
                                     "    end loop;\n"
                                     "  end\n"
                                     "downgradeScript: begin end\n"
                                     "methods: {}\n");
  std::string rewrite;
  for (const Finding& finding : lint::lint(project).findings) {
    if (finding.rule == "row-by-row") rewrite = finding.rewrite;
  }
  CHECK(rewrite ==
        "insert into tasks (task_id, owner) \n"
        "select e.row_key, 'me'\n"
        "from (\n"
        "  select * from entities\n"
        ") e;\n");
}

TEST_CASE("clauses are cut where they begin, not inside parentheses", "[lint]") {
  const lint::Clauses clauses = lint::cut_clauses(
      "insert into a select (select 1 where true) from b join c on b.x = c.x where y order by z for update "
      "on conflict "
      "do nothing returning x");
  CHECK(clauses.head == "insert into a select (select 1 where true) from b join c on b.x = c.x");
  CHECK(clauses.where == "y");
  CHECK(clauses.order == "order by z for update");
  CHECK(clauses.conflict == "on conflict do nothing");
  CHECK(clauses.returning == "returning x");
}

TEST_CASE("keys of a state are known only where the text tells them", "[lint]") {
  const auto keys = lint::read_state_keys(
      "declare s jsonb := coalesce(state_in, '{}'); begin if s ? 'a' or state_in -> 'b' is null then null; "
      "end if; "
      "state := jsonb_build_object('c', 1, 'd', (1, 2)); return next; end",
      "state_in");
  CHECK(keys.read.size() == 2);
  CHECK(keys.set == std::set<std::string>{"c", "d"});
  CHECK(keys.state_assigned);
  CHECK(keys.returns_next);
  CHECK_FALSE(keys.unknown);
  CHECK(lint::read_state_keys("state := jsonb_build_object(name, 1);", "state_in").unknown);
  CHECK(lint::read_state_keys("perform f(state_in);", "state_in").unknown);
}

TEST_CASE("a plan's scans are whole without an index condition or a limit", "[lint]") {
  const auto scans =
      lint::plan_scans(R"json([{"Plan": {"Node Type": "ModifyTable", "Relation Name": "t", "Plans": [
    {"Node Type": "Limit", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "a"}]},
    {"Node Type": "Bitmap Heap Scan", "Relation Name": "b", "Plans": [
      {"Node Type": "Bitmap Index Scan", "Index Cond": "(x = 1)"}]},
    {"Node Type": "Limit", "Plans": [{"Node Type": "Sort", "Plans": [{"Node Type": "Seq Scan", "Relation Name": "c"}]}]},
    {"Node Type": "Index Scan", "Relation Name": "d", "Index Name": "i"}]}}])json");
  REQUIRE(scans.size() == 4);
  CHECK_FALSE(lint::is_whole(scans[0]));
  CHECK_FALSE(lint::is_whole(scans[1]));
  CHECK(lint::is_whole(scans[2]));
  CHECK(lint::is_whole(scans[3]));
  CHECK(lint::plan_scans("nonsense").empty());
}
