"""The project directories, and the plain SQL beside them, that `scripts/bench online` moves rows with."""
import pathlib

SOURCE = "queue_tasks_entities"

SETUP = f"""\
begin
  create table {SOURCE} (
    partition_key text not null,
    row_key text not null,
    value jsonb not null,
    version integer not null,
    etag uuid default gen_random_uuid(),
    touched integer not null default 0,
    primary key (partition_key, row_key)
  );
  grant select, insert, update, delete on {SOURCE} to bench_queue;
end
"""

# What the services call: the source first, then the copy.
TOUCH = """\
  task_touch:
    description: Note that a task was looked at; both forms are written, the source first.
    mode: write
    serviceName: queue
    args: task_id_in text, number_in integer
    returns: void
    body: |-
      begin
        update queue_tasks_entities set touched = number_in where partition_key = task_id_in and row_key = 'task';
        {copy}
      end
"""

TARGET = """\
begin
  create table tasks (
    task_id text primary key,
    provisioner_id text not null,
    worker_type text not null,
    scheduler_id text not null,
    task_group_id text not null,
    requires text,
    priority text not null,
    retries integer not null,
    created timestamptz not null,
    deadline timestamptz not null,
    expires timestamptz not null,
    payload text,
    metadata text,
    etag uuid,
    touched integer not null
  );
  create index tasks_task_group_id_idx on tasks (task_group_id);
  create index tasks_expires_idx on tasks (expires);
end
"""

COLUMNS = """\
e.partition_key, e.value ->> 'provisionerId', e.value ->> 'workerType', e.value ->> 'schedulerId',
e.value ->> 'taskGroupId', e.value ->> 'requires', e.value ->> 'priority', (e.value ->> 'retries')::integer,
(e.value ->> 'created')::timestamptz, (e.value ->> 'deadline')::timestamptz, (e.value ->> 'expires')::timestamptz,
e.value ->> '__buf0_payload', e.value ->> '__buf0_metadata', e.etag, e.touched"""


def insert(condition="", lock=""):
    """The one set-based statement; with a condition and a lock it is the declared batch."""
    conflict = "\non conflict (task_id) do nothing" if lock else ""
    return f"insert into tasks\nselect {COLUMNS}\nfrom {SOURCE} e{condition}{lock}{conflict}"


# Row by row, as such functions are commonly written; without the lock they would lose what the services write. A batch of everything is the loop in one transaction.
BATCH_BODY = f"""\
declare
  item record;
  moved integer := 0;
  last_partition text := state_in ->> 'partition';
  last_row text := state_in ->> 'row';
begin
  for item in
    select e.* from {SOURCE} e
     where last_partition is null or (e.partition_key, e.row_key) > (last_partition, last_row)
     order by e.partition_key, e.row_key limit batch_size_in
       for update of e
  loop
    insert into tasks values (
      {COLUMNS.replace("e.", "item.")})
    on conflict (task_id) do nothing;
    moved := moved + 1;
    last_partition := item.partition_key;
    last_row := item.row_key;
  end loop;
  return query select moved, jsonb_build_object('partition', last_partition, 'row', last_row);
end"""

BATCH_FUNCTION = f"""\
create function online_migration_v2_batch(batch_size_in integer, state_in jsonb)
returns table (count integer, state jsonb) language plpgsql as $batch$
{BATCH_BODY}
$batch$;
create function online_migration_v2_is_complete() returns boolean language sql as $complete$
  select (select count(*) from tasks) >= (select count(*) from {SOURCE})
$complete$;
"""

# Sequential function batches of one second, sized by what the last one took: from inside the server, without a client.
OLD_WAY = """\
do $old_way$
declare
  size integer := 1000;
  state jsonb := '{}';
  moved integer;
  began timestamptz;
begin
  loop
    began := clock_timestamp();
    select b.count, b.state into moved, state from online_migration_v2_batch(size, state) b;
    commit;
    exit when moved = 0;
    size := greatest(size / 2, least(size * 2, round(size / extract(epoch from clock_timestamp() - began))::integer));
  end loop;
end $old_way$;
"""

FILL_ALL = f"update {SOURCE} set filled = value ->> 'workerType' where filled is null"

FILL_OLD_WAY = f"""\
do $old_way$
declare
  size integer := 1000;
  low text := '';
  high text;
  began timestamptz;
begin
  loop
    began := clock_timestamp();
    select max(partition_key) into high from (
      select partition_key from {SOURCE} where partition_key > low order by partition_key limit size) k;
    exit when high is null;
    update {SOURCE} set filled = value ->> 'workerType' where partition_key > low and partition_key <= high and filled is null;
    commit;
    low := high;
    size := greatest(size / 2, least(size * 2, round(size / extract(epoch from clock_timestamp() - began))::integer));
  end loop;
end $old_way$;
"""


def indent(text, spaces):
    return "".join(" " * spaces + line + "\n" for line in text.splitlines())


def script(text, back="perform 1;"):
    return f"migrationScript: |-\n{indent(text, 2)}downgradeScript: |-\n  begin\n    {back}\n  end\n"


def declared(batch, complete, walked=SOURCE, key="[partition_key, row_key]"):
    return (f"online:\n  migration:\n    table: {walked}\n    key: {key}\n    batch: |-\n{indent(batch, 6)}"
            f"    complete: {complete}\n")


def write(directory, second, tables, first=None):
    """A project of two versions; `second` is the text of the second one's online way and methods."""
    directory = pathlib.Path(directory)
    (directory / "versions").mkdir(parents=True)
    (directory / "schema").mkdir()
    (directory / "dbtool.yml").write_text(
        "userPrefix: bench\nignore: [{kind: table, name: bench_keys, reason: what the client picks from}]\n")
    (directory / "schema" / "access.yml").write_text(
        f"queue:\n  tables:\n    {SOURCE}: write\n" if SOURCE in tables else "queue:\n  tables: {}\n")
    (directory / "schema" / "tables.yml").write_text(tables)
    (directory / "versions" / "0001.yml").write_text(
        first or "version: 1\ndescription: the source\n" + script(SETUP, f"drop table {SOURCE};") + "methods:\n" + TOUCH.format(copy=""))
    (directory / "versions" / "0002.yml").write_text("version: 2\ndescription: the move\n" + second)
    return directory
