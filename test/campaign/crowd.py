#!/usr/bin/env python3
"""Two, then ten dbtools at once on one database: one works, the others say who does and end with 5; nothing runs twice.

    crowd.py --dbtool BINARY
"""
import argparse
import pathlib
import re
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "support"))
from private_server import Dbtool, PrivateServer  # noqa: E402

VERSIONS = 3
WAIT = "    while not exists (select from seen.gate) loop perform pg_sleep(0.02); end loop;\n"


def write_project(directory):
    """Versions that tell of every time they ran, up or down; the first to run waits until the gate is opened, so that
    on the busiest machine nobody comes late and finds nothing left to do."""
    (directory / "versions").mkdir()
    (directory / "schema").mkdir()
    (directory / "schema" / "tables.yml").write_text("t: {v: integer}\n")
    (directory / "schema" / "access.yml").write_text("{}\n")
    (directory / "dbtool.yml").write_text("name: crowd\nuserPrefix: crowd\n")
    for version in range(1, VERSIONS + 1):
        create, drop = ("create table t (v integer);", "drop table t;") if version == 1 else ("", "")
        (directory / "versions" / f"{version:04}.yml").write_text(
            f"version: {version}\ndescription: slow\n"
            f"migrationScript: |-\n  begin\n    {create}\n    insert into seen.ran values ('up {version}');\n"
            f"{WAIT}  end\n"
            f"downgradeScript: |-\n  begin\n    {drop}\n    insert into seen.ran values ('down {version}');\n"
            f"{WAIT}  end\n"
            "methods: {}\n")


def wait_until_one_is_left(processes):
    """Until all but one have ended; what they say is short enough to wait in their pipes."""
    deadline = time.monotonic() + 120
    while sum(process.poll() is None for process in processes) > 1 and time.monotonic() < deadline:
        time.sleep(0.02)


def crowd(server, dbtool, number, words, direction):
    faults = []
    server.psql("truncate seen.ran, seen.gate", "crowd")
    processes = [dbtool.start(*words) for _ in range(number)]
    wait_until_one_is_left(processes)
    server.psql("insert into seen.gate values (true)", "crowd")
    outputs = [process.communicate(timeout=120) for process in processes]
    codes = sorted(process.returncode for process in processes)
    if codes != [0] + [5] * (number - 1):
        faults.append(f"exit codes {codes}")
    worker = next((process for process in processes if process.returncode == 0), None)
    for process, (out, err) in zip(processes, outputs):
        # By its process where its run is on record already, by its backend in the moment before.
        if process.returncode == 5 and not re.search(rf"at work.*(\b{worker.pid if worker else 0}\b|backend \d+)", out + err):
            faults.append(f"the one at work, pid {worker.pid if worker else '?'}, is not named in: {out}{err}")
        if process.returncode not in (0, 5):
            faults.append(out + err)
    ran = sorted(row[0] for row in server.psql("select step from seen.ran", "crowd"))
    if ran != [f"{direction} {version}" for version in range(1, VERSIONS + 1)]:
        faults.append(f"ran: {ran}")
    print(f"{number} at once, {' '.join(words)}: {'ok' if not faults else 'FAULT'}", *faults, sep="\n  ", flush=True)
    return len(faults)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    arguments = parser.parse_args()
    faults = 0
    with PrivateServer() as server, tempfile.TemporaryDirectory() as directory:
        write_project(pathlib.Path(directory))
        server.create_database("crowd")
        server.psql("create schema seen; create table seen.ran (step text); "
                    "create table seen.gate (open boolean)", "crowd")
        dbtool = Dbtool(arguments.dbtool, server, "-C", directory, "--url", server.url("crowd"))
        for number in (2, 10):
            faults += crowd(server, dbtool, number, ["upgrade"], "up")
            faults += crowd(server, dbtool, number, ["downgrade", "0", "--yes", "crowd"], "down")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
