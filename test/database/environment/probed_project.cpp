#include "test/database/environment/probed_project.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "test/support/catch.h"

namespace dbtool::test {

using nlohmann::json;

ProbedProject::ProbedProject(const std::string& script, const std::string& rest) {
  files.write("schema/tables.yml", "items:\n  id: integer not null\n");
  files.write("schema/access.yml", "{}\n");
  write_scripts(files, 1, R"(begin
  create table items (id integer primary key, kind text not null, note text);
  create index items_kind on items (kind);
  create table kinds (kind text primary key, label text not null);
end)",
                "begin\n  drop table items, kinds;\nend", "loses: all items\nmethods: {}");
  REQUIRE(dbtool({"--name", "here", "upgrade", "1"}).exit_status != 1);
  database.exec(R"(
      insert into items select i, 'kind ' || i % 7, repeat('x', 100) from generate_series(1, 40000) i;
      insert into kinds select 'kind ' || i, 'label ' || i from generate_series(0, 6) i;
      analyze items; analyze kinds)");
  write(script, rest);
}

void ProbedProject::write(const std::string& script, const std::string& rest) const {
  write_scripts(files, 2, "begin\n" + script + "\nend", "begin\n  null;\nend",
                "loses: nothing\nmethods: {}\n" + rest);
}

std::vector<std::string> ProbedProject::words(const std::vector<std::string>& more) const {
  std::vector<std::string> all{
      "-C", files.path().string(), "--url", database.owner_url(), "--user-prefix", database.user_prefix()};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

json ProbedProject::probe(const std::vector<std::string>& more) const {
  std::vector<std::string> all{"environment", "probe", "--format", "json"};
  all.insert(all.end(), more.begin(), more.end());
  const auto outcome = dbtool(all);
  INFO(outcome.errors);
  REQUIRE(outcome.exit_status == 0);
  return json::parse(outcome.output);
}

std::string ProbedProject::picture() const {
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

bool sleeps_in_probe(const Database& database) {
  return database
      .exec(
          "select exists (select from pg_stat_activity where application_name = 'dbtool probe' and datname = "
          "current_database() and wait_event = 'PgSleep')")
      .boolean(0, 0);
}

void await(const std::function<bool()>& condition) {
  for (int tries = 0; tries < 6000 && !condition(); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(condition());
}

}  // namespace dbtool::test
