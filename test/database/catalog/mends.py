#!/usr/bin/env python3
"""Every small change of test/cases/catalog-changes is mended by the statements that dbtool writes, both ways.

    mends.py --steps BINARY [--only TEXT] [-v]

Of each change the catalog before and after it are known. Expected what was before, the database after the change must
come back; expected what was after, the database before the change must get there: the script is run by psql, the
catalog is read again, and nothing may differ. What dbtool says that no statement can do is in `IMPOSSIBLE`, and there
something else must not differ.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))
from changes import CASES, PREFIX, Steps, read_cases  # noqa: E402
from private_server import PrivateServer, SqlError  # noqa: E402

# What no statement mends: file: case, the direction, and the differences that stay.
IMPOSSIBLE = {
}


class Mender:
    """A database that changes and is mended, and a twin that only changes, from which it is made anew."""

    def __init__(self, server, steps, name, cases):
        self.server, self.steps, self.name, self.twin = server, steps, name, name + "_twin"
        self.pending, self.number = [], 0
        server.create_database(self.twin)
        server.psql("create schema dbtool; create table dbtool.version (version integer);" +
                    "\n".join("\n".join(case.before) for case in cases), self.twin)
        self.database = None
        self.renew()
        self.order("keep before")

    def order(self, text):
        self.steps.process.stdin.write(text + "\n")
        self.steps.process.stdin.flush()
        return self.steps.lines()

    def renew(self):
        """A database as all changes so far have left it."""
        if self.pending:
            self.server.psql("\n".join(self.pending), self.twin)
            self.pending = []
        self.number += 1
        self.database = f"{self.name}_{self.number}"
        self.server.create_database(self.database, self.twin)
        self.order("open " + self.server.url(self.database))

    def mend(self, expected, live):
        """What is impossible, what differs afterwards, the script, and psql's complaint."""
        file = self.server.directory / "mend.sql"
        impossible = self.order(f"mend {expected} {live} {file}")
        script, complaint = file.read_text(), ""
        try:
            self.server.psql(script, self.database)
        except SqlError as error:
            complaint = str(error)
        self.order("keep now")
        return impossible, self.order(f"compare {expected} now"), script, complaint

    def run(self, case, judge):
        change = "\n".join(case.change)
        self.server.psql(change, self.database)
        self.order("keep after")
        if not self.order("compare before after"):
            self.pending.append(change)
            return
        if judge(case, "back", self.mend("before", "after")):
            self.renew()
        again = judge(case, "forth", self.mend("after", "before"))
        self.pending.append(change)
        if again:
            self.renew()
        self.order("keep before")


class Judge:
    def __init__(self, verbose):
        self.verbose, self.count, self.faulty, self.seen = verbose, 0, 0, set()
        self.file = None

    def __call__(self, case, direction, result):
        """Whether something still differs."""
        impossible, differences, script, complaint = result
        self.count += 1
        stay = sorted(line.split("\t")[0] for line in differences)
        place = (f"{self.file.stem}: {case.name}", direction)
        expected = IMPOSSIBLE.get(place)
        told = sorted(line.split("\t")[0] for line in impossible)
        self.seen.add(place)
        wrong = complaint or stay != sorted((expected or {}).get("stay", [])) or bool(told) != bool(expected)
        if wrong:
            self.faulty += 1
            print("\n".join([f"==== {place[0]} ({direction})", complaint.strip(), *differences,
                             *("impossible: " + line for line in impossible), script]))
        elif self.verbose:
            print(f"==== {place[0]} ({direction})", *impossible, script, sep="\n")
        return bool(differences)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", help="not used")
    parser.add_argument("--steps", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    judge = Judge(arguments.verbose)
    with PrivateServer(settings=["max_connections=20"]) as server:
        server.directory.chmod(0o777)
        server.psql(f"create role {PREFIX}_queue; create role {PREFIX}_index; create role bob; create role alice")
        steps = Steps(arguments.steps, server, "postgres")
        for file in sorted(CASES.glob("*.sql")):
            if arguments.only not in file.name:
                continue
            judge.file = file
            cases = [case for case in read_cases(file) if case.since <= server.major()]
            mender = Mender(server, steps, file.stem.replace("-", "_"), cases)
            for case in cases:
                mender.run(case, judge)
        steps.close()
    print(f"{judge.count} mends, {judge.faulty} judged wrongly")
    sys.exit(1 if judge.faulty else 0)


if __name__ == "__main__":
    main()
