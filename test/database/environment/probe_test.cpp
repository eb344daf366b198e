#include "test/database/environment/probed_project.h"
#include "test/support/catch.h"
#include "test/support/standby.h"

using namespace dbtool::test;
using nlohmann::json;

TEST_CASE("A script's statements are probed on rows from all over the table, and nothing of it remains",
          "[environment][probe]") {
  const ProbedProject project(R"(create table copies (id integer primary key, label text not null);
insert into copies select i.id, k.label from public.items i join kinds k on k.kind = i.kind;
create index copies_label on copies (label);
update items set note = upper(note);
delete from items where id % 2 = 0;)");
  const std::string before = project.picture();
  const json probe = project.probe();
  CHECK(project.picture() == before);
  await([&] { return !is_probing(project.database); });
  CHECK(probe["version"] == 2);
  const json& insert = statement(probe, "insert into copies");
  CHECK(insert["table"] == "items");
  CHECK(insert["table_rows"] == 40000);
  CHECK(insert["not_probed"] == "");
  CHECK(insert["portions"].size() == 20);
  CHECK(insert["rows"] > 8000);
  CHECK(insert["rows"] < 13000);
  CHECK(insert["low_seconds"] > 0);
  CHECK(insert["high_seconds"] > insert["low_seconds"]);
  const json& portion = insert["portions"][3];
  CHECK(portion["wal_bytes"] > 0);
  CHECK(portion["blocks_hit"].get<int>() + portion["blocks_read"].get<int>() > 0);
  for (const char* beginning : {"update items", "delete from"}) {
    const json& change = statement(probe, beginning);
    CHECK(change["not_probed"] == "");
    CHECK(change["rows"] > 8000);
  }
  const json& index = statement(probe, "create index copies_label");
  CHECK(index["not_probed"] == "");
  CHECK(index["low_seconds"] > 0);
  REQUIRE(probe["parts"].size() == 1);
  CHECK(probe["parts"][0]["missing"] == "");
  CHECK(probe["parts"][0]["rows"] > 8000);

  // What was found is kept, and reckoned with.
  const auto source = [&] {
    return json::parse(project.dbtool({"plan", "--format", "json"}).output)["steps"][0]["forecast"]["source"]
        .get<std::string>();
  };
  CHECK(contains(source(), "probed here on "));
  CHECK(contains(source(), " of 40,000 rows"));
  const json status = json::parse(project.dbtool({"status", "--format", "json"}).output);
  CHECK(contains(status.dump(), "probed here on "));

  // The rows changed meanwhile, so does the forecast; the script did, and it counts for nothing.
  project.write("update items set note = lower(note);");
  CHECK(contains(project.dbtool({"status", "--format", "json"}).output,
                 "was of another script: once more with dbtool environment probe 2"));
  CHECK_FALSE(contains(source(), "probed here on "));
}

TEST_CASE("A loop over rows is probed as a whole, with the script's variables", "[environment][probe]") {
  const ProbedProject project("null;");
  project.files.write("versions/0002.yml", R"(version: 2
description: row by row
migrationScript: |-
  declare
    item record;
    smallest integer;
  begin
    create table copies (id integer primary key, kind text);
    smallest := 1;
    for item in select * from items where id >= smallest loop
      if item.kind <> 'kind 3' then
        insert into copies values (item.id, item.kind);
      end if;
      update items set note = 'seen' where id = item.id;
    end loop;
  end
downgradeScript: |-
  begin
    drop table copies;
  end
loses: copies
methods: {}
)");
  const std::string before = project.picture();
  const json probe = project.probe();
  CHECK(project.picture() == before);
  const json& loop = statement(probe, "for item in");
  CHECK(loop["not_probed"] == "");
  CHECK(loop["table"] == "items");
  CHECK(loop["rows"] > 8000);
  CHECK_FALSE(loop["portions"][0].contains("blocks_hit"));
}

TEST_CASE("The batches of a declared online version are probed on keys from all over the table",
          "[environment][probe]") {
  const ProbedProject project("create table copies (id integer primary key, kind text);", R"(online:
  migration:
    table: items
    key: [id]
    batch: |-
      insert into copies select id, kind from items where $range$ on conflict (id) do nothing
    complete: select not exists (select from items i left join copies c using (id) where c.id is null)
)");
  const std::string before = project.picture();
  const json probe = project.probe();
  CHECK(project.picture() == before);
  const json& batch = probe["statements"].back();
  INFO(probe.dump(1));
  CHECK(batch["part"] == "online");
  CHECK(batch["not_probed"] == "");
  CHECK(batch["portions"].size() > 5);
  CHECK(batch["rows"] > 2000);
  const json status = json::parse(project.dbtool({"status", "--format", "json"}).output);
  CHECK(contains(status.dump(), "by one worker, where no throttle slows it"));
}

TEST_CASE("A probe is asked for where services are connected or the database is protected",
          "[environment][probe]") {
  const ProbedProject project("insert into kinds values ('x', 'y');\nupdate items set note = 'y';");
  SECTION("protected") {
    project.files.write("dbtool.yml", "name: here\nprotected: true\n");
    const auto unasked = project.dbtool({"environment", "probe"});
    CHECK(unasked.exit_status == 2);
    CHECK(contains(unasked.errors, "here is protected"));
    CHECK(contains(unasked.errors, "rows of items are changed twice"));
    CHECK(contains(unasked.errors, "written into kinds"));
    CHECK(contains(unasked.errors, "--yes here"));
  }
  SECTION("services") {
    auto service = project.database.connect();
    service.exec("set application_name = 'queue'");
    const auto unasked = project.dbtool({"environment", "probe"});
    CHECK(unasked.exit_status == 2);
    CHECK(contains(unasked.errors, "Services are connected"));
    CHECK(project.dbtool({"environment", "probe", "--yes", "elsewhere"}).exit_status == 2);
  }
  CHECK(project.database
            .exec("select to_regclass('dbtool.probes') is null or not exists (select from dbtool.probes)")
            .boolean(0, 0));
  CHECK(project.dbtool({"environment", "probe", "--yes", "here"}).exit_status == 0);
}

TEST_CASE("A probe says what it does not take", "[environment][probe]") {
  const ProbedProject project("update items set note = 'y';");
  const auto refused = [&](const std::vector<std::string>& more, int status, const std::string& text) {
    std::vector<std::string> all{"environment", "probe"};
    all.insert(all.end(), more.begin(), more.end());
    const auto outcome = project.dbtool(all);
    INFO(outcome.errors);
    CHECK(outcome.exit_status == status);
    CHECK(contains(outcome.errors, text));
  };
  refused({"1"}, 2, "version 1 is not pending: the database is at 1");
  refused({"3"}, 2, "there is no version 3");
  refused({"two"}, 2, "'two' is not the number of a version");
  refused({"--limit", "5min"}, 2, "between 1 s and 30 s");
  refused({"--force"}, 2, "--force does not go with environment probe");
  {
    auto running = project.database.connect();
    running.exec("begin; select pg_advisory_xact_lock(1684173873, 0)");
    refused({}, 5, "another dbtool is at work");
  }
  project.files.write("versions/0002.yml", R"(version: 2
transactional: false
migrationScript: |-
  create index concurrently items_note on items (note);
downgradeScript: |-
  drop index concurrently items_note;
methods: {}
)");
  refused({}, 1, "runs statement by statement outside of transactions");
  project.files.write("versions/0002.yml", "version: 2\nmethods: {}\n");
  refused({}, 2, "has no script");
}

TEST_CASE("A standby is not probed", "[environment][probe]") {
  OwnServer primary;
  Standby replica(primary, "r1");
  const ProjectFiles files;
  write_minimal(files);
  const auto refused =
      run_dbtool({"-C", files.path().string(), "--url", replica->url(), "environment", "probe"});
  CHECK(refused.exit_status == 6);
  CHECK(contains(refused.errors, "is a standby"));
}
