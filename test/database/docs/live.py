#!/usr/bin/env python3
"""What `dbtool docs` adds of a database: columns in its order, defaults, indexes, constraints and comments in the server's
words; and that a database of another version is refused.

    live.py --dbtool BINARY
"""
import argparse
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "support"))
sys.path.insert(0, str(HERE.parents[2] / "docs"))
import hostile_project  # noqa: E402
from private_server import Dbtool, PrivateServer  # noqa: E402


def run(tool, *words, exit_code=0):
    done = tool.run(*words)
    assert done.returncode == exit_code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def check(server, binary, directory):
    project, out = directory / "project", directory / "pages"
    hostile_project.write(project)
    (project / "dbtool.yml").write_text("userPrefix: office\n")
    # Declared in another order than the database has.
    tables = project / "schema" / "tables.yml"
    text = tables.read_text()
    tables.write_text(text.replace("  room_id: integer not null\n", "", 1)
                      .replace("  floor: integer not null\n", "  floor: integer not null\n  room_id: integer not null\n"))
    server.create_database("live")
    server.psql("create role office_desk")
    tool = Dbtool(binary, server, "-C", str(project), "--url", server.url("live"))

    run(tool, "upgrade", "2")
    done = run(tool, "docs", "--output", str(out), exit_code=1)
    assert "version 2" in done.stderr and "version 3" in done.stderr, done.stderr
    assert not out.exists()

    run(tool, "upgrade")
    server.psql("comment on table rooms is 'where <b>people</b> sit'", "live")
    server.psql("comment on column rooms.floor is 'counts from | 0'", "live")
    run(tool, "docs", "--output", str(out))
    page = (out / "tables" / "rooms.md").read_text()
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    assert rows[:4] == ["`room_id`", "`house_id`", "`size_m2`", "`floor`"], rows
    for words in ("where \\<b\\>people\\</b\\> sit", "counts from \\| 0", "`default 12.5`", "`default 0`",
                  "`CREATE INDEX rooms_floor_idx ON public.rooms USING btree (floor) WHERE (floor > 0)`",
                  "`PRIMARY KEY (room_id)`", "`rooms_house_id_fkey`: `house_id` → [`houses`](../tables/houses.md) (`house_id`)",
                  "[2](../versions.md#version-2)"):
        assert words in page, f"{words}\n{page}"
    assert page.count("rooms_pkey") == 1, page
    run(tool, "docs", "--output", str(out), "--check")
    server.psql("drop index rooms_floor_idx", "live")
    assert "rooms.md" in run(tool, "docs", "--output", str(out), "--check", exit_code=3).stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbtool-docs-") as directory, PrivateServer() as server:
        check(server, arguments.dbtool, pathlib.Path(directory))
    print("a database's facts: in the pages")


if __name__ == "__main__":
    main()
