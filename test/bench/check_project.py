#!/usr/bin/env python3
"""Writes the project directory that declares what check_schema.sql makes.

usage: check_project.py DIRECTORY
"""
import pathlib
import sys

TABLES, FUNCTIONS, SERVICES = 2000, 1000, 10
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


def main():
    directory = pathlib.Path(sys.argv[1])
    (directory / "versions").mkdir(parents=True, exist_ok=True)
    (directory / "schema").mkdir(exist_ok=True)
    (directory / "dbtool.yml").write_text("userPrefix: bench\n")

    lines = ["version: 1", "description: a large schema", "methods:"]
    for number in range(1, FUNCTIONS + 1):
        lines += [f"  bench_function_{number:04}:", "    description: read a page", "    mode: read",
                  f"    serviceName: service{number % SERVICES}",
                  "    args: id_in text, part_in integer, page_size_in integer default 10",
                  "    returns: table (id text, part integer, c03 jsonb)", "    body: |-"]
        lines += ["      " + line for line in body(number).split("\n")]
    (directory / "versions" / "0001.yml").write_text("\n".join(lines) + "\n")

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
