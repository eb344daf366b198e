#include <array>

#include "ledger/write.h"
#include "pg/transaction.h"

namespace dbtool::ledger {

namespace {

// Column `content` holds what is needed to go back without the version's file; see content.h. Numbers do not
// come from sequences: after a crash, a sequence in a database that was copied from a template may give a
// number twice.
constexpr const char* create_format_1 = R"(
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

// Ranges, checkpoints, wishes and curves of online migrations. A migration by functions that is under way
// goes on from the state that its last batch left.
constexpr const char* to_format_2 = R"(
create table dbtool.ranges (
  version integer not null,
  range integer not null,
  low jsonb,
  high jsonb,
  primary key (version, range)
);
create table dbtool.checkpoints (
  version integer not null,
  range integer not null,
  batch bigint not null,
  at jsonb,
  state jsonb,
  rows bigint not null,
  differing bigint not null default 0,
  size integer not null,
  done boolean not null default false,
  made timestamptz not null default clock_timestamp(),
  primary key (version, range, batch)
);
create table dbtool.control (
  version integer primary key,
  paused boolean not null default false,
  paused_by text not null default '',
  workers integer,
  batch_milliseconds integer,
  throttle text,
  changed timestamptz not null default clock_timestamp()
);
create table dbtool.curve (
  run bigint not null,
  version integer not null,
  direction text not null,
  phase text not null,
  made timestamptz not null default clock_timestamp(),
  rows_done bigint not null,
  rate double precision not null,
  workers integer not null,
  batch_size integer not null,
  batch_seconds double precision not null,
  note text not null
);
create index on dbtool.curve (run, version);
insert into dbtool.ranges (version, range) select version, 1 from dbtool.online;
insert into dbtool.checkpoints (version, range, batch, state, rows, size)
  select version, 1, batches, state, rows_done, coalesce(batch_size, 0) from dbtool.online where batches > 0;
alter table dbtool.online drop column state, drop column batches, drop column batch_size;
alter table dbtool.online
  add column declared boolean not null default false,
  add column phase text not null default 'walk',
  add column pass integer not null default 1,
  add column rows_total bigint,
  add column workers integer not null default 0,
  add column rate double precision not null default 0,
  add column note text not null default '';
update dbtool.online set rows_done = 0;
update dbtool.ledger set format = 2;
)";

// What the ranges of a declared migration are ranges of.
constexpr const char* to_format_3 = R"(
alter table dbtool.online add column walked text;
update dbtool.ledger set format = 3;
)";

// Windows, and what runs leave for their reports: forecasts, samples, locks, steps that did not end well.
// `closes` is when services are to be up again, `planned` the same as it was said first; `reserve` of that,
// in seconds, is for bringing them up. There is one window at a time.
constexpr const char* to_format_4 = R"(
create table dbtool.windows (
  number bigint primary key,
  opened timestamptz not null default clock_timestamp(),
  closes timestamptz not null,
  planned timestamptz not null,
  reserve double precision not null,
  closed timestamptz,
  opened_by text not null,
  reason text not null default ''
);
create unique index windows_open on dbtool.windows ((true)) where closed is null;
create table dbtool.forecasts (
  run bigint not null,
  version integer not null,
  direction text not null,
  kind text not null,
  made timestamptz not null default clock_timestamp(),
  low double precision,
  high double precision,
  source text not null
);
create index on dbtool.forecasts (run);
create table dbtool.samples (
  run bigint not null,
  version integer not null,
  direction text not null,
  seconds double precision not null,
  wal_bytes bigint not null,
  left_low double precision,
  left_high double precision,
  phase text not null,
  wait text not null,
  waiting integer not null
);
create index on dbtool.samples (run);
create table dbtool.locks (
  run bigint not null,
  version integer not null,
  direction text not null,
  table_name text not null,
  mode text not null,
  began double precision not null,
  seconds double precision not null,
  waited_for integer not null
);
create index on dbtool.locks (run);
create table dbtool.failed_steps (
  run bigint not null,
  version integer not null,
  direction text not null,
  outcome text not null,
  started timestamptz not null,
  finished timestamptz not null default clock_timestamp()
);
create index on dbtool.failed_steps (run);
update dbtool.ledger set format = 4;
)";

// How the services fared while rows were moved online; an interval ends when its row is made.
constexpr const char* to_format_5 = R"(
create table dbtool.latency (
  run bigint not null,
  version integer not null,
  direction text not null,
  measure text not null,
  made timestamptz not null default clock_timestamp(),
  seconds double precision not null,
  looks bigint not null,
  failed bigint not null,
  median double precision,
  worst double precision,
  time_limit double precision not null
);
create index on dbtool.latency (run);
update dbtool.ledger set format = 5;
)";

// What probes found: seconds for all rows that the table had (`table_rows`), from so many of them (`rows`).
constexpr const char* to_format_6 = R"(
create table dbtool.probes (
  version integer not null,
  direction text not null,
  online boolean not null,
  checksum text not null,
  made timestamptz not null default clock_timestamp(),
  table_name text not null,
  table_rows bigint not null,
  rows bigint not null,
  low double precision not null,
  high double precision not null,
  missing text not null,
  lacks text not null,
  statements jsonb not null
);
create index on dbtool.probes (version);
update dbtool.ledger set format = 6;
)";

constexpr const char* to_format_7 = R"(
alter table dbtool.positions add column turned boolean not null default false;
update dbtool.ledger set format = 7;
)";

}  // namespace

std::vector<std::string> creation_scripts(bool schema_is_there, int format_there) {
  std::vector<std::string> scripts;
  // `if not exists` would ask for the right to make schemas also where it is there.
  if (!schema_is_there) scripts.emplace_back("create schema dbtool");
  const std::array<const char*, format> steps{create_format_1, to_format_2, to_format_3, to_format_4,
                                              to_format_5,     to_format_6, to_format_7};
  for (int made = format_there; made < format; ++made)
    scripts.emplace_back(steps.at(static_cast<std::size_t>(made)));
  return scripts;
}

void create(pg::Connection& connection, const Session& session) {
  pg::Transaction transaction(connection, "isolation level read committed",
                              session.setup(connection.server_version()));
  const pg::Result there = connection.query(
      "select to_regclass('dbtool.ledger') is not null, to_regnamespace('dbtool') is not null");
  const int found = there.boolean(0, 0)
                        ? static_cast<int>(connection.query("select format from dbtool.ledger").integer(0, 0))
                        : 0;
  for (const std::string& script : creation_scripts(there.boolean(0, 1), found)) connection.exec(script);
  transaction.commit();
}

}  // namespace dbtool::ledger
