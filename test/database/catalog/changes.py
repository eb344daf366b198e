#!/usr/bin/env python3
"""The reader of the whole catalog against pg_dump: one small change after the other, for every kind of fact.

    changes.py --steps BINARY [--only TEXT] [-v]

test/cases/catalog-changes holds the changes, their README the form. All cases of a file share a database: first what
they start from, then one change at a time. Where pg_dump's text changes the reader must see a change, and the
other way round, but for cases that say why not; and what it sees must be what the case names, no more.
"""
import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))
from private_server import PrivateServer, SqlError, client  # noqa: E402

CASES = ROOT / "test" / "cases" / "catalog-changes"
PREFIX = "ci"


class Case:
    def __init__(self, name):
        self.name = name
        self.before, self.change, self.finds = [], [], []
        self.dump_same = self.read_same = None
        self.since, self.until = 0, 99

    def is_for(self, major):
        return self.since <= major <= self.until


def read_cases(file):
    """`== name`, SQL to start from, `-- change`, SQL, and lines `-- finds …`, `-- dump same: why`, `-- read same: why`,
    `-- since 15`, `-- until 15`."""
    cases, part = [], None
    for line in file.read_text().splitlines():
        if line.startswith("== "):
            cases.append(Case(line[3:]))
            part = cases[-1].before
        elif line == "-- change":
            part = cases[-1].change
        elif line.startswith("-- finds "):
            cases[-1].finds.append(line[len("-- finds "):])
        elif line.startswith("-- dump same: "):
            cases[-1].dump_same = line[len("-- dump same: "):]
        elif line.startswith("-- read same: "):
            cases[-1].read_same = line[len("-- read same: "):]
        elif line.startswith("-- since "):
            cases[-1].since = int(line[len("-- since "):])
        elif line.startswith("-- until "):
            cases[-1].until = int(line[len("-- until "):])
        elif part is not None:
            part.append(line)
    return cases


class Steps:
    """The reader, one change after the other."""

    def __init__(self, binary, server, database):
        self.process = subprocess.Popen([binary, server.url(database), PREFIX, "dbtool.version"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=server.environment())
        self.lines()

    def lines(self):
        lines = []
        for line in self.process.stdout:
            if line == ".\n":
                return lines
            lines.append(line.rstrip("\n"))
        sys.exit("the reader failed")

    def changes(self):
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        return self.lines()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def dump(server, database):
    """pg_dump's text; None where the machine has none for such a server."""
    done = subprocess.run([client("pg_dump"), "--schema-only", server.url(database)], capture_output=True, text=True,
                          env=server.environment(), cwd="/")
    if done.returncode != 0:
        if "server version mismatch" in done.stderr:
            return None
        raise SqlError(done.stderr)
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", done.stdout)


def judge(case, lines, dump_differs):
    """What is wrong; empty when all is as it should be."""
    faults = []
    found = sorted(line.split("\t")[0] for line in lines)
    if found != sorted(case.finds):
        faults.append("expected " + "; ".join(sorted(case.finds) or ["nothing"]))
        faults.append("found    " + "\n             ".join(lines or ["nothing"]))
    if dump_differs is not None and dump_differs != (bool(case.finds or case.read_same) and case.dump_same is None):
        faults.append("pg_dump " + ("differs" if dump_differs else "does not differ"))
    return faults


def run_file(file, server, arguments):
    database = file.stem.replace("-", "_")
    cases = [case for case in read_cases(file) if case.is_for(server.major())]
    server.create_database(database)
    server.psql("create schema dbtool; create table dbtool.version (version integer)", database)
    for case in cases:
        try:
            server.psql("\n".join(case.before), database)
        except SqlError as error:
            sys.exit(f"{file.name}: {case.name}: {error}")
    steps = Steps(arguments.steps, server, database)
    before, faulty = dump(server, database), 0
    for case in cases:
        try:
            server.psql("\n".join(case.change), database)
        except SqlError as error:
            sys.exit(f"{file.name}: {case.name}: {error}")
        lines, after = steps.changes(), dump(server, database)
        faults = judge(case, lines, None if after is None else before != after)
        before = after
        if faults:
            faulty += 1
            print(f"{file.name}: {case.name}\n    " + "\n    ".join(faults))
        elif arguments.verbose:
            print(f"{file.name}: {case.name}: " + "; ".join(lines))
    steps.close()
    return len(cases), faulty


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", help="not used")
    parser.add_argument("--steps", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    count = faulty = 0
    with PrivateServer(settings=["max_connections=20"]) as server:
        server.psql(f"create role {PREFIX}_queue; create role {PREFIX}_index; create role bob; create role alice")
        for file in sorted(CASES.glob("*.sql")):
            if arguments.only in file.name:
                of_file = run_file(file, server, arguments)
                count, faulty = count + of_file[0], faulty + of_file[1]
    print(f"{count} changes, {faulty} judged wrongly")
    sys.exit(1 if faulty else 0)


if __name__ == "__main__":
    main()
