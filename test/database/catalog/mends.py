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
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))
from changes import CASES, PREFIX, Case, Steps, read_cases  # noqa: E402
from private_server import PrivateServer, client  # noqa: E402

# What no statement mends: the case and the direction, why, and the differences that stay.
MAKE_ANEW = "decided when it is made"
PASSWORD = "no reader is told a password"
IMPOSSIBLE = {
    ("columns: a column is dropped with its index, its checks and a view", "back"):
        ("a new column comes last", ["statistics public.s02: definition", "table public.t02: columns"]),
    ("columns: the order", "back"): ("columns keep their order", ["table public.t29: columns"]),
    ("columns: the order", "forth"): ("columns keep their order", ["table public.t29: columns"]),
    ("indexes-constraints: an index is not valid", "forth"):
        ("no statement makes an index invalid", ["index public.t13_a: valid"]),
    ("others: a subscription", "forth"): ("no reader is told how to connect", ["missing subscription u16"]),
    ("others: a user mapping", "forth"): (PASSWORD, ["user mapping bob on v22: options"]),
    ("others: a server is dropped with its tables", "back"): (PASSWORD, ["user mapping bob on v22: options"]),
    ("partitions: it is partitioned otherwise", "back"): (MAKE_ANEW, ["table public.t02: partitioned by"]),
    ("partitions: it is partitioned otherwise", "forth"): (MAKE_ANEW, ["table public.t02: partitioned by"]),
    ("partitions: an index of the whole alone", "back"):
        ("an index cannot be detached", ["index public.t15_1_b: attached to"]),
    ("partitions: an index of the whole becomes valid", "back"):
        ("an index cannot be detached", ["index public.t16_b: valid"]),
    ("indexes-constraints: all of it", "made"):
        ("no statement makes an index invalid", ["index public.t13_a: valid"]),
    ("renames: columns change places", "back"): ("a new column comes last", ["table public.n05: columns"]),
    ("tables: all of it", "made"): ("inherited columns come first", ["table public.t23: columns"]),
    ("types: all of it", "dropped"): ("the type and its functions need each other", [
        "extra base type public.b26", "extra function public.b26_in(cstring)",
        "extra function public.b26_out(public.b26)"]),
    ("tables: it no longer inherits", "back"): ("the column stays its own", ["column public.t22.a: declared"]),
    ("types: a base type", "back"):
        ("the type and its functions need each other", [f"base type public.b26: {fact}" for fact in (
            "by value", "category", "defined", "input", "length", "output")]),
}


class Session:
    """A psql that stays, since starting one costs more than a small script."""

    def __init__(self, server, database):
        self.process = subprocess.Popen([client("psql"), "-X", "-q", "-A", "-t", "-d", server.url(database)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=server.environment(), cwd="/")

    def run(self, sql):
        """What psql complains of; a transaction that fails is rolled back by its own commit."""
        self.process.stdin.write(sql + "\n;rollback;reset all;\n\\echo :end:\n")
        self.process.stdin.flush()
        complaints = []
        for line in self.process.stdout:
            if line == ":end:\n":
                return "".join(complaints)
            if "ERROR:" in line or complaints:
                complaints.append(line)
        return "".join(complaints) + "psql ended"

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Mender:
    """A database that changes and is mended, and a twin that only changes, from which it is made anew."""

    def __init__(self, server, steps, name, cases):
        self.server, self.steps, self.name, self.twin = server, steps, name, name + "_twin"
        self.pending, self.number = [], 0
        server.create_database(self.twin)
        server.psql("create schema dbtool; create table dbtool.version (version integer);" +
                    "\n".join("\n".join(case.before) for case in cases), self.twin)
        self.session = None
        self.renew()
        self.order("keep before")

    def open(self, template):
        self.number += 1
        database = f"{self.name}_{self.number}"
        self.server.create_database(database, template)
        self.order("open " + self.server.url(database))
        self.close()
        self.session = Session(self.server, database)

    def order(self, text):
        self.steps.process.stdin.write(text + "\n")
        self.steps.process.stdin.flush()
        return self.steps.lines()

    def renew(self):
        """A database as all changes so far have left it."""
        if self.pending:
            self.server.psql("\n".join(self.pending), self.twin)
            self.pending = []
        self.open(self.twin)

    def close(self):
        if self.session:
            self.session.close()

    def mend(self, expected, live):
        """What is impossible, what differs afterwards, the script, and psql's complaint."""
        file = self.server.directory / "mend.sql"
        impossible = self.order(f"mend {expected} {live} {file}")
        script = file.read_text()
        complaint = self.session.run(script)
        self.order("keep now")
        return impossible, self.order(f"compare {expected} now"), script, complaint

    def change(self, case):
        complaint = self.session.run("\n".join(case.change))
        if complaint:
            sys.exit(f"{self.name}: {case.name}: {complaint}")

    def run(self, case, judge):
        change = "\n".join(case.change)
        self.change(case)
        self.order("keep after")
        if not self.order("compare before after"):
            self.pending.append(change)
            return
        if judge(case, "back", self.mend("before", "after")):
            self.renew()
        again = judge(case, "forth", self.mend("after", "before"))
        self.pending.append(change)
        if again and self.order("compare before now"):
            self.renew()
        elif again:
            # A new database would have no subscriptions.
            self.change(case)
        self.order("keep before")


    def run_all(self, judge):
        """All that the file made from nothing, and nothing from all of it."""
        whole = Case("all of it")
        self.order("keep before")
        self.open("template0")
        self.order("keep after")
        judge(whole, "made", self.mend("before", "after"))
        self.renew()
        self.order("keep before")
        judge(whole, "dropped", self.mend("after", "before"))


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
        wrong = complaint or stay != sorted(expected[1] if expected else []) or bool(told) != bool(expected)
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
            cases = [case for case in read_cases(file) if case.is_for(server.major())]
            mender = Mender(server, steps, file.stem.replace("-", "_"), cases)
            for case in cases:
                mender.run(case, judge)
            mender.run_all(judge)
            mender.close()
        steps.close()
    unseen = set() if arguments.only else set(IMPOSSIBLE) - judge.seen
    for place in unseen:
        print("no such case:", *place)
    print(f"{judge.count} mends, {judge.faulty} judged wrongly, {len(IMPOSSIBLE)} known to be impossible")
    sys.exit(1 if judge.faulty or unseen else 0)


if __name__ == "__main__":
    main()
