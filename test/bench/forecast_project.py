"""The migrations that `scripts/bench forecast` rehearses and runs, each a project of two versions."""
import online_project

SOURCE = online_project.SOURCE

# Some 550 bytes of JSON a row, as the services write it.
FILL = f"""\
insert into {SOURCE} (partition_key, row_key, value, version)
select md5(i::text), 'task', jsonb_build_object(
    'provisionerId', 'proj-' || i % 40, 'workerType', 'worker-' || i % 300, 'schedulerId', 'taskcluster-github',
    'taskGroupId', md5((i / 50)::text), 'requires', 'all-completed', 'priority', 'lowest', 'retries', i % 5,
    'created', timestamptz '2026-01-01' + i * interval '1 second',
    'deadline', timestamptz '2026-01-02' + i * interval '1 second',
    'expires', timestamptz '2027-01-01' + i * interval '1 second',
    '__buf0_payload', md5(i::text) || md5((i + 1)::text) || md5((i + 2)::text), '__buf0_metadata', repeat(md5((i * 7)::text), 2)), 1
from generate_series(1, {{rows}}) i;
create table bench_foreign as select id, 0 as count from generate_series(1, 100000) id;
alter table bench_foreign add primary key (id);
"""

TABLE = online_project.TARGET.split("begin", 1)[1].rsplit("end", 1)[0]
LOOP = f"""\
declare
  item record;
begin
{online_project.indent(TABLE.strip(), 2)}
  for item in select * from {SOURCE} loop
    insert into tasks values (
      {online_project.COLUMNS.replace("e.", "item.")});
  end loop;
end
"""


def statements(*parts):
    return "begin\n" + "".join(online_project.indent(part.strip(), 2) for part in parts) + "end\n"


INSERT = online_project.insert() + ";"

MIGRATIONS = {
    "insert": (statements(TABLE, INSERT), "drop table tasks;"),
    "loop": (LOOP, "drop table tasks;"),
    "script": (statements(TABLE, INSERT,
                          "update tasks set touched = length(payload) where retries < 2;",
                          "create index tasks_worker_type_idx on tasks (worker_type, scheduler_id, created);",
                          "alter table tasks add check (deadline > created);"), "drop table tasks;"),
    "update": (statements(f"update {SOURCE} set value = value || jsonb_build_object('retries', 1 + (value ->> 'retries')::integer), "
                          "touched = touched + 1;"), "null;"),
    "rewrite": (statements(f"alter table {SOURCE} alter column touched type bigint, alter column value type json using (value || jsonb_build_object('digest', md5(value::text)))::json;"),
                f"alter table {SOURCE} alter column touched type integer, alter column value type jsonb using value::jsonb;"),
}


def fill(rows):
    return FILL.replace("{rows}", str(rows))


def write(directory, name):
    up, down = MIGRATIONS[name]
    entities = (f"{SOURCE}:\n  etag: uuid\n  partition_key: text not null\n  row_key: text not null\n"
                "  touched: integer not null\n  value: jsonb not null\n  version: integer not null\n")
    return online_project.write(directory, online_project.script(up, down) + "methods: {}\n", entities)
