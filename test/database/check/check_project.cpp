#include "test/database/check/check_project.h"

namespace dbtool::test {
namespace {

DeclaredTable table(const std::string& name,
                    const std::vector<std::pair<std::string, std::string>>& columns) {
  DeclaredTable declared{name, {}, {"schema/tables.yml", 1, 1}};
  for (const auto& [column, type] : columns) {
    const std::string suffix = " not null";
    const bool not_null = type.ends_with(suffix);
    declared.columns.push_back({column,
                                not_null ? type.substr(0, type.size() - suffix.size()) : type,
                                not_null,
                                {static_cast<int>(declared.columns.size()) + 2, 3}});
  }
  return declared;
}

}  // namespace

Method method(const std::string& name, const std::string& args, const std::string& returns,
              const std::string& body) {
  Method made;
  made.name = name;
  made.place = {"versions/0001.yml", 10, 3};
  made.mode = MethodMode::read;
  made.service_name = "queue";
  made.args = SqlText{args, {"versions/0001.yml", 11, 11}, 0};
  made.returns = SqlText{returns, {"versions/0001.yml", 12, 14}, 0};
  if (!body.empty()) made.body = SqlText{body, {"versions/0001.yml", 14, 7}, 6};
  return made;
}

Version version(int number, const std::string& script, std::vector<Method> methods) {
  Version made;
  made.number = number;
  if (!script.empty()) made.migration_script = SqlText{script, {"versions/0001.yml", 3, 5}, 4};
  made.methods = std::move(methods);
  return made;
}

Project check_project(const std::string& prefix) {
  Project project;
  project.settings.user_prefix = prefix;
  project.versions.push_back(
      version(1, "",
              {method("find_task", "id_in text, limit_in int default 10", "setof text",
                      "begin\n  return query select id from tasks limit limit_in;\nend"),
               method("old_method", "", "void", "begin\nend")}));
  project.versions.push_back(version(2, "begin\n  drop function if exists old_method();\nend",
                                     {method("count_tasks", "", "table (a int, b bigint)",
                                             "begin return query select 1, count(*) from tasks; end")}));
  project.tables = {
      table("tasks", {{"id", "text not null"},
                      {"part", "integer"},
                      {"created", "timestamp with time zone not null"},
                      {"price", "numeric(10,2)"},
                      {"tags", "text[]"},
                      {"mood", "mood not null"}}),
      table("workers", {{"id", "text not null"}, {"name", "character varying(40)"}}),
      table("events", {{"at", "date not null"}, {"what", "jsonb"}}),
  };
  const Place place{"schema/access.yml", 3, 5};
  project.access = {
      {"queue", {{"tasks", MethodMode::write, place}, {"events", MethodMode::write, place}}, place},
      {"web-server", {{"tasks", MethodMode::read, place}, {"workers", MethodMode::write, place}}, place},
  };
  return project;
}

std::string check_database(const std::string& prefix) {
  std::string sql = R"(
    create role P_queue login;
    create role P_web_server login;
    create schema dbtool;
    create table dbtool.version (version integer);
    insert into dbtool.version values (2);
    create type mood as enum ('good', 'bad');
    create table tasks (id text primary key, part int, price decimal(10, 2), tags text array,
                        created timestamptz not null, mood mood not null);
    create table workers (name varchar(40), id text not null);
    create table events (at date not null, what jsonb) partition by range (at);
    create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
    create view names as select id from workers;
    create function find_task(id_in text, limit_in int default 10) returns setof text language plpgsql as $$begin
  return query select id from tasks limit limit_in;
end$$;
    create function count_tasks() returns table (a int, b bigint) language plpgsql
      as 'begin return query select 1, count(*) from tasks; end';
    create function helper(a int) returns int language sql as 'select a';
    create function a_trigger() returns trigger language plpgsql as 'begin return new; end';
    create function online_migration_v2_batch() returns int language sql as 'select 1';
    grant select, insert, update, delete on tasks, events to P_queue;
    grant select on tasks to P_web_server;
    grant select, insert, update, delete on workers to P_web_server;
    grant usage on schema public, dbtool to P_queue, P_web_server;
    grant select on dbtool.version to P_queue, P_web_server;)";
  for (std::size_t at = 0; (at = sql.find("P_", at)) != std::string::npos; at += prefix.size()) {
    sql.replace(at, 1, prefix);
  }
  return sql;
}

}  // namespace dbtool::test
