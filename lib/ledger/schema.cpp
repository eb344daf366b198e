#include <fmt/format.h>

#include "ledger/write.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

// Column `content` holds what is needed to go back without the version's file; see content.h. Numbers do not
// come from sequences: after a crash, a sequence in a database that was copied from a template may give a
// number twice.
constexpr const char* create_ledger = R"(
create table dbtool.ledger (
  format integer not null,
  name text,
  current_run bigint not null default 0,
  recorded_version integer,
  made timestamptz not null default clock_timestamp(),
  only_row boolean primary key default true check (only_row)
);
insert into dbtool.ledger (format) values (1);
create table dbtool.runs (
  run bigint primary key,
  command text not null,
  from_version integer not null,
  goal integer not null,
  outcome text not null default 'running',
  message text not null default '',
  started timestamptz not null default clock_timestamp(),
  finished timestamptz,
  database_user text not null default session_user,
  os_user text not null,
  host text not null,
  pid integer not null,
  backend_pid integer not null
);
create table dbtool.steps (
  run bigint not null references dbtool.runs,
  version integer not null,
  direction text not null,
  outcome text not null,
  started timestamptz not null,
  finished timestamptz not null default clock_timestamp(),
  wal_bytes bigint not null default 0
);
create index on dbtool.steps (run);
create table dbtool.versions (
  version integer primary key,
  checksum text not null,
  adopted boolean not null default false,
  content jsonb not null,
  run bigint,
  applied timestamptz not null default clock_timestamp()
);
create table dbtool.positions (
  version integer primary key,
  direction text not null,
  position integer not null,
  started integer not null,
  checksum text not null,
  content jsonb not null
);
create table dbtool.online (
  version integer primary key,
  direction text not null,
  state jsonb default '{}',
  rows_done bigint not null default 0,
  batches bigint not null default 0,
  batch_size integer,
  started timestamptz not null default clock_timestamp(),
  updated timestamptz not null default clock_timestamp()
);
)";

}  // namespace

void create(pg::Connection& connection, const Session& session) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  const pg::Result there = connection.query(
      "select to_regclass('dbtool.ledger') is not null, to_regnamespace('dbtool') is not null");
  // `if not exists` would ask for the right to make schemas also where it is there.
  if (!there.boolean(0, 1)) connection.exec("create schema dbtool");
  if (!there.boolean(0, 0)) connection.exec(create_ledger);
  transaction.commit();
}

}  // namespace dbtool::ledger
