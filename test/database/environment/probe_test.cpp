#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "test/database/cli/dbtool.h"
#include "test/support/catch.h"
#include "test/support/standby.h"

using namespace dbtool::test;
using nlohmann::json;

namespace {

constexpr const char* first_version = R"(version: 1
description: items
migrationScript: |-
  begin
    create table items (id integer primary key, kind text not null, note text);
    create index items_kind on items (kind);
    create table kinds (kind text primary key, label text not null);
  end
downgradeScript: |-
  begin
    drop table items, kinds;
  end
loses: all items
methods: {}
)";

/// A database at version 1 with 40,000 items, and a second version that is pending.
struct ProbedProject {
  ProjectFiles files;
  Database database;

  explicit ProbedProject(const std::string& script, const std::string& rest = "") {
    files.write("schema/tables.yml", "items:\n  id: integer not null\n");
    files.write("schema/access.yml", "{}\n");
    files.write("versions/0001.yml", first_version);
    REQUIRE(dbtool({"--name", "here", "upgrade", "1"}).exit_status != 1);
    database.exec(R"(
        insert into items select i, 'kind ' || i % 7, repeat('x', 100) from generate_series(1, 40000) i;
        insert into kinds select 'kind ' || i, 'label ' || i from generate_series(0, 6) i;
        analyze items; analyze kinds)");
    write(script, rest);
  }

  void write(const std::string& script, const std::string& rest = "") const {
    std::string indented;
    for (std::size_t at = 0; at <= script.size();) {
      const std::size_t end = std::min(script.find('\n', at), script.size());
      indented += "    " + script.substr(at, end - at) + "\n";
      at = end + 1;
    }
    files.write("versions/0002.yml", "version: 2\ndescription: items change\nmigrationScript: |-\n  begin\n" +
                                         indented +
                                         "  end\ndowngradeScript: |-\n  begin\n    null;\n  end\n" +
                                         "loses: nothing\nmethods: {}\n" + rest);
  }

  std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> all{
        "-C", files.path().string(), "--url", database.owner_url(), "--user-prefix", database.user_prefix()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  dbtool::ProcessOutcome dbtool(const std::vector<std::string>& more) const {
    return run_dbtool(words(more));
  }

  json probe(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"environment", "probe", "--format", "json"};
    all.insert(all.end(), more.begin(), more.end());
    const auto outcome = dbtool(all);
    INFO(outcome.errors);
    REQUIRE(outcome.exit_status == 0);
    return json::parse(outcome.output);
  }

  /// Every row and every object but those of the ledger.
  std::string picture() const {
    return std::string(database
                           .exec(R"(
      select string_agg(what, E'\n' order by what) from (
        select 'item ' || md5(string_agg(i::text, ',' order by id)) as what from items i
        union all select 'kind ' || md5(string_agg(k::text, ',' order by kind)) from kinds k
        union all select concat_ws(' ', 'schema', oid, nspname) from pg_namespace
        union all select concat_ws(' ', 'relation', c.oid, c.relname, c.relfilenode, c.relnatts, c.relchecks, c.relhastriggers)
                    from pg_class c where c.oid >= 16384 and c.relnamespace <> 'dbtool'::regnamespace
        union all select concat_ws(' ', 'column', attrelid, attname, atttypid, attnotnull, attisdropped)
                    from pg_attribute a join pg_class c on c.oid = attrelid
                   where attrelid >= 16384 and c.relnamespace <> 'dbtool'::regnamespace
        union all select concat_ws(' ', 'function', oid, md5(prosrc)) from pg_proc where oid >= 16384
        union all select concat_ws(' ', 'constraint', oid, conname) from pg_constraint
                   where oid >= 16384 and connamespace <> 'dbtool'::regnamespace
        union all select concat_ws(' ', 'trigger', oid, tgname, tgenabled) from pg_trigger where oid >= 16384) x)")
                           .text(0, 0));
  }
};

const json& statement(const json& probe, const std::string& beginning) {
  for (const json& one : probe["statements"])
    if (one["statement"].get<std::string>().starts_with(beginning)) return one;
  FAIL("no statement begins with " + beginning + ": " + probe.dump(1));
  return probe;
}

bool is_probing(const Database& database) {
  return database
      .exec(
          "select exists (select from pg_stat_activity where application_name = 'dbtool probe' and datname = "
          "current_database())")
      .boolean(0, 0);
}

void await(const std::function<bool()>& condition) {
  for (int tries = 0; tries < 6000 && !condition(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(condition());
}

constexpr const char* slow_function =
    "create function slow(text) returns text language plpgsql as 'begin perform pg_sleep(1); return $1; end'";

}  // namespace

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

TEST_CASE("What would keep the services from their tables is not run, and named", "[environment][probe]") {
  const ProbedProject project(R"(alter table items add column owner text;
create index items_note on items (note);
truncate kinds;
lock table kinds in share mode;
alter table items alter column kind type varchar(30);
create table orders (id integer primary key, item integer references items);
perform dblink_exec('host=elsewhere', 'delete from everything');
execute 'drop table ' || 'kinds';
update items set note = 'y';)");
  // Whoever would take a lock would wait for this reader.
  auto reader = project.database.connect();
  reader.exec("begin; select count(*) from items; select count(*) from kinds");
  const std::string before = project.picture();
  const auto told = project.dbtool({"environment", "probe"});
  INFO(told.errors);
  REQUIRE(told.exit_status == 0);
  CHECK(project.picture() == before);
  CHECK(
      contains(told.output, "locks items (access exclusive): services could not read or write it meanwhile"));
  CHECK(contains(told.output,
                 "locks items (share): services could not write it meanwhile; ITS TIME IS NOT COUNTED"));
  CHECK(contains(told.output, "locks kinds (access exclusive)"));
  CHECK(contains(told.output, "locks kinds (share)"));
  CHECK(contains(told.output, "locks items (share row exclusive)"));
  CHECK(contains(told.output, "dblink_exec reaches outside"));
  CHECK(contains(told.output, "its text is made while it runs"));
  CHECK(contains(told.output, "update items set note = 'y'"));
  const json probe = project.probe();
  CHECK(statement(probe, "alter table items add")["takes_time"] == false);
  CHECK(statement(probe, "alter table items alter")["takes_time"] == true);
  CHECK(statement(probe, "create index")["portions"].empty());
  CHECK(contains(probe["parts"][0]["missing"], "create index items_note"));
  CHECK(contains(project.dbtool({"status", "--format", "json"}).output,
                 "not counted: create index items_note"));
}

TEST_CASE("Functions and triggers that reach outside are found behind their names", "[environment][probe]") {
  const ProbedProject project(
      "update items set note = outer_one(note);\ninsert into kinds values ('a', 'b');");
  project.database.exec(R"(
      create sequence numbers;
      create function inner_one(text) returns text language plpgsql as
        'begin perform setval(''numbers'', 7); return $1; end';
      create function outer_one(text) returns text language plpgsql as 'begin return inner_one($1); end';
      create function told() returns trigger language plpgsql as
        'begin lock table items in access exclusive mode; return new; end';
      create trigger told before insert on kinds for each row execute function told())");
  const json probe = project.probe();
  CHECK(
      contains(statement(probe, "update items")["not_probed"], "function inner_one: setval sets a sequence"));
  CHECK(contains(statement(probe, "insert into kinds")["not_probed"],
                 "a trigger of kinds: function told may lock or change more than the probed rows"));
  CHECK(project.database.exec("select is_called from numbers").text(0, 0) == "f");
}

TEST_CASE("Nothing that a script makes opens the way to what it has not made", "[environment][probe]") {
  const ProbedProject project(R"(create table copies (id integer, label text);
create index on copies (label);
refresh materialized view seen;
create or replace view shown as select id from items where id > 1;
update parted set id = id;
update shown set id = id;
delete from parents;
perform make_part();
perform set_config('lock_timeout', '0', true);
insert into copies select id, note from items;)");
  project.database.exec(R"(
      create materialized view seen as select id from items;
      create view shown as select id from items;
      create table parted (id integer) partition by range (id);
      create table part partition of parted default;
      create table parents (id integer primary key);
      create table children (id integer references parents on delete cascade);
      create function make_part() returns void language plpgsql as
        'begin execute ''create table more (id integer)''; end';)");
  const json probe = project.probe();
  for (const char* beginning : {"refresh", "create or replace view", "update parted", "update shown",
                                "delete from parents", "perform make_part", "perform set_config"}) {
    INFO(beginning);
    CHECK(statement(probe, beginning)["not_probed"] != "");
  }
  CHECK(contains(statement(probe, "delete from parents")["not_probed"], "changes rows of other tables"));
  CHECK(statement(probe, "create index on copies")["not_probed"] == "");
  CHECK(statement(probe, "insert into copies")["not_probed"] == "");
}

TEST_CASE("What is only read is let go before the next statement", "[environment][probe]") {
  const ProbedProject project(R"(perform 1 from items for update;
create table copies as select id, note from items for update;
perform slow(label) from kinds where kind = 'slow';)");
  project.database.exec(slow_function);
  project.database.exec("insert into kinds values ('slow', 'slow')");
  std::atomic<bool> ended = false;
  std::thread probing([&] {
    project.probe();
    ended = true;
  });
  // While the last statement works, every row can be locked.
  const auto sleeps = [&] {
    return project.database
        .exec(
            "select exists (select from pg_stat_activity where application_name = 'dbtool probe' and datname "
            "= "
            "current_database() and wait_event = 'PgSleep')")
        .boolean(0, 0);
  };
  std::int64_t free_rows = -1;
  for (int tries = 0; tries < 6000 && !ended && free_rows < 0; ++tries) {
    if (sleeps())
      free_rows =
          project.database.exec("select count(*) from (select id from items for update skip locked) x")
              .integer(0, 0);
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  probing.join();
  CHECK(free_rows == project.database.exec("select count(*) from items").integer(0, 0));
}

TEST_CASE("What variables are set to is not run behind their backs", "[environment][probe]") {
  const ProbedProject project("null;");
  project.database.exec("create sequence numbers");
  const auto write_block = [&](const std::string& declaration, const std::string& body) {
    project.files.write("versions/0002.yml",
                        "version: 2\nmigrationScript: |-\n  declare\n    " + declaration + "\n  begin\n    " +
                            body +
                            "\n    update items set note = 'y';\n  end\n"
                            "downgradeScript: |-\n  begin\n    null;\n  end\nmethods: {}\n");
  };
  write_block("largest bigint := setval('numbers', 7);", "null;");
  CHECK(contains(statement(project.probe(), "update items")["not_probed"],
                 "declarations: setval sets a sequence"));
  write_block("largest bigint;", "largest := setval('numbers', 7);");
  const json assigned = project.probe();
  CHECK(contains(statement(assigned, "largest :=")["not_probed"], "setval sets a sequence"));
  CHECK(statement(assigned, "update items")["not_probed"] == "");
  write_block("largest bigint;", "select setval('numbers', 7) into largest;");
  CHECK(contains(statement(project.probe(), "select setval")["not_probed"], "setval sets a sequence"));
  CHECK(project.database.exec("select is_called from numbers").text(0, 0) == "f");
}

TEST_CASE("What is outside of the database is not written to", "[environment][probe]") {
  const ProbedProject project("insert into far select id from items;");
  project.database.exec(R"(
      create foreign data wrapper nowhere; create server elsewhere foreign data wrapper nowhere;
      create foreign table far (id integer) server elsewhere)");
  CHECK(contains(statement(project.probe(), "insert into far")["not_probed"], "far is a foreign table"));
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

TEST_CASE("A probe ends in time, and whatever ends it leaves nothing behind", "[environment][probe]") {
  const ProbedProject project("update items set note = slow(note);\nupdate items set note = 'y';");
  project.database.exec(slow_function);
  const std::string before = project.picture();
  SECTION("its time is over") {
    const json probe = project.probe({"--limit", "2s"});
    CHECK(contains(statement(probe, "update items set note = slow")["not_probed"], "took longer than "));
    CHECK(contains(probe["parts"].dump() + probe["statements"].dump(), "update items set note = slow"));
  }
  SECTION("stopped, killed, or its connection ended") {
    for (const int signal : {SIGINT, SIGKILL, 0}) {
      INFO(signal);
      dbtool::ProcessOptions options;
      options.log = project.files.path() / "log";
      std::vector<std::string> command{DBTOOL_BINARY};
      for (const std::string& word : project.words({"environment", "probe"})) command.push_back(word);
      const pid_t pid = dbtool::start_process(command, options);
      await([&] {
        return project.database
            .exec(
                "select exists (select from pg_stat_activity where application_name = 'dbtool probe' and "
                "datname = current_database() and wait_event = 'PgSleep')")
            .boolean(0, 0);
      });
      if (signal != 0) {
        kill(pid, signal);
      } else {
        project.database.exec(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dbtool probe' "
            "and "
            "datname = current_database()");
      }
      int status = 0;
      waitpid(pid, &status, 0);
      if (signal == SIGINT) {
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 130);
      }
      await([&] { return !is_probing(project.database); });
      CHECK(project.picture() == before);
    }
    CHECK(project.database.exec("select count(*) from dbtool.probes").text(0, 0) == "0");
  }
  CHECK(project.picture() == before);
}

TEST_CASE("A probe waits for nobody", "[environment][probe]") {
  const ProbedProject project("update items set note = 'y';");
  auto other = project.database.connect();
  other.exec("begin; update items set note = 'z'");
  const json probe = project.probe();
  CHECK(contains(statement(probe, "update items")["not_probed"], "for a lock that others hold"));
  other.exec("rollback");
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
