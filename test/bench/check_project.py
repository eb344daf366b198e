#!/usr/bin/env python3
"""Writes the project directory that declares what check_schema.sql makes.

usage: check_project.py DIRECTORY [--scripts]

With --scripts the versions make the tables, too: a hundred each, and no check_schema.sql is needed.
"""
import pathlib
import sys

TABLES, FUNCTIONS, SERVICES, TABLES_A_VERSION = 2000, 1000, 10, 100
COLUMNS = {
    "id": "text not null", "part": "integer not null", "c01": "text", "c02": "text not null",
    "c03": "jsonb not null", "c04": "jsonb", "c05": "integer not null", "c06": "bigint",
    "c07": "boolean not null", "c08": "timestamp with time zone not null", "c09": "timestamp with time zone",
    "c10": "uuid not null", "c11": "numeric(10,2)", "c12": "character varying(40)", "c13": "text[]",
}


def table(number):
    return f"bench_table_{number:04}"


def body(number):
    return f"""begin
  return query
  select t.id, t.part, t.c03
  from {table(number)} t
  where (id_in is null or t.id = id_in)
    and (part_in is null or t.part = part_in)
  order by t.id, t.part
  limit page_size_in;
end"""


def script_version(number):
    """A version whose script makes its hundred tables."""
    up, down = [], []
    for at in range((number - 1) * TABLES_A_VERSION + 1, number * TABLES_A_VERSION + 1):
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        user = "$db_user_prefix$_service"
        up += [f"    create table {table(at)} ({columns}, primary key (id, part));",
               f"    grant select, insert, update, delete on {table(at)} to {user}{at % SERVICES};",
               f"    grant select on {table(at)} to {user}{(at + 1) % SERVICES};"]
        down.append(f"    drop table {table(at)};")
    return [f"version: {number}", f"description: tables, part {number}", "migrationScript: |-", "  begin", *up, "  end",
            "downgradeScript: |-", "  begin", *down, "  end"]


def main():
    directory = pathlib.Path(sys.argv[1])
    (directory / "versions").mkdir(parents=True, exist_ok=True)
    (directory / "schema").mkdir(exist_ok=True)
    (directory / "dbtool.yml").write_text("userPrefix: bench\n")

    scripts = "--scripts" in sys.argv[2:]
    newest = TABLES // TABLES_A_VERSION if scripts else 1
    for number in range(1, newest):
        lines = script_version(number) + ["methods: {}"]
        (directory / "versions" / f"{number:04}.yml").write_text("\n".join(lines) + "\n")
    lines = script_version(newest) if scripts else ["version: 1", "description: a large schema"]
    lines.append("methods:")
    for number in range(1, FUNCTIONS + 1):
        lines += [f"  bench_function_{number:04}:", "    description: read a page", "    mode: read",
                  f"    serviceName: service{number % SERVICES}",
                  "    args: id_in text, part_in integer, page_size_in integer default 10",
                  "    returns: table (id text, part integer, c03 jsonb)", "    body: |-"]
        lines += ["      " + line for line in body(number).split("\n")]
    (directory / "versions" / f"{newest:04}.yml").write_text("\n".join(lines) + "\n")

    lines = []
    for number in range(1, TABLES + 1):
        lines.append(f"{table(number)}:")
        lines += [f"  {name}: {kind}" for name, kind in COLUMNS.items()]
    (directory / "schema" / "tables.yml").write_text("\n".join(lines) + "\n")

    lines = []
    for service in range(SERVICES):
        lines += [f"service{service}:", "  tables:"]
        for number in range(1, TABLES + 1):
            if number % SERVICES == service:
                lines.append(f"    {table(number)}: write")
            elif (number + 1) % SERVICES == service:
                lines.append(f"    {table(number)}: read")
    (directory / "schema" / "access.yml").write_text("\n".join(lines) + "\n")


main()
