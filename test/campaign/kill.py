#!/usr/bin/env python3
"""Kills in the middle of upgrades and downgrades of the shipped database with rows in it.

    kill.py --dbtool BINARY --generate BINARY [--count N] [--seed S] [--tasks N] [--round R]

Every round takes a copy of a prepared database, starts an upgrade or a downgrade, and at a random moment kills dbtool, a
backend of its, or the server, or cuts its connections. Then one more dbtool, the same way or back, must end well; the
check must be clean, and schema and rows must be what they are without any accident: nothing lost, nothing doubled.
The seed and a round's number (--round) give the same choice again; the moment within the run is the machine's.
"""
import argparse
import difflib
import pathlib
import random
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "test" / "support"))
from cutting_proxy import CuttingProxy  # noqa: E402
from private_server import Dbtool, PrivateServer, SqlError  # noqa: E402

SHIPPED = ROOT / "test" / "database" / "shipped"
SERVICES = ("auth", "github", "hooks", "index", "notify", "purge_cache", "secrets", "web_server", "worker_manager", "queue")
ACCIDENTS = ("kill dbtool", "kill a backend", "end its backends", "stop the server", "cut", "cut, server not told")
FIRST = 3  # the version that the rows go in at


def newest_version():
    return max(int(file.stem) for file in (ROOT / "versions").glob("*.yml"))


class Campaign:
    def __init__(self, server, arguments):
        self.server, self.arguments = server, arguments
        self.newest = newest_version()
        self.rows, self.schemas, self.seconds = {}, {}, {}
        # Whole ways, and ways that are little else than the online version.
        self.ways = [(FIRST, self.newest), (self.newest, FIRST), (19, 20), (20, 19), (18, 21), (21, 18)]
        self.stops = sorted({version for way in self.ways for version in way})

    def dbtool(self, database, host=None):
        return Dbtool(self.arguments.dbtool, self.server, "-C", str(ROOT), "--url", self.server.url(database, host=host))

    @staticmethod
    def words(way):
        """The command line of a way."""
        start, goal = way
        return ["upgrade", str(goal)] if goal > start else ["downgrade", str(goal), "--yes", "ci"]

    def schema(self, database):
        return self.server.dump_schema(database, exclude_schemas=("dbtool", "state"))

    def fingerprint(self, database):
        return self.server.value("select state.fingerprint()", database)

    def prepare(self):
        """One database for every version that a round starts from, and what it holds."""
        for service in SERVICES:
            self.server.psql(f"create role ci_{service} login")
        self.server.create_database("at_0")
        self.server.psql((SHIPPED / "state.sql").read_text(), "at_0")
        self.must("at_0", ["upgrade", str(FIRST)])
        subprocess.run([self.arguments.generate, "--url", self.server.url("at_0"), "--all-kinds", "100",
                        "--task-set", str(self.arguments.tasks)], check=True, stdout=subprocess.DEVNULL)
        self.server.psql((SHIPPED / "rows.sql").read_text(), "at_0")
        before = "at_0"
        for version in self.stops:
            self.server.create_database(f"at_{version}", before)
            before = f"at_{version}"
            if version != FIRST:
                self.must(before, ["upgrade", str(version)])
            self.rows[version], self.schemas[version] = self.fingerprint(before), self.schema(before)
        for way in self.ways:
            self.server.create_database("timing", f"at_{way[0]}")
            start = time.monotonic()
            self.must("timing", self.words(way))
            self.seconds[way] = time.monotonic() - start
            fault = self.compare("timing", way[1])
            if fault:
                sys.exit(f"{way} without any accident: {fault}")
            self.server.drop_database("timing")

    def must(self, database, words):
        done = self.dbtool(database).run(*words)
        if done.returncode != 0:
            sys.exit(f"dbtool {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def compare(self, database, version):
        """What is wrong with the database, or None."""
        check = self.dbtool(database).run("check")
        if check.returncode != 0:
            return f"check ends with {check.returncode}\n{check.stdout}{check.stderr}"
        schema = self.schema(database)
        if schema != self.schemas[version]:
            return "the schema differs\n" + "\n".join(difflib.unified_diff(self.schemas[version], schema, lineterm="", n=2))
        if self.fingerprint(database) != self.rows[version]:
            return "the rows differ"
        return None

    def backends(self, database):
        try:
            return [int(row[0]) for row in self.server.psql(
                f"select pid from pg_stat_activity where datname = '{database}' and pid <> pg_backend_pid() "
                "and backend_type = 'client backend' order by pid")]
        except SqlError:
            return []

    def activity(self, database):
        return "\n".join(" | ".join(map(str, row)) for row in self.server.psql(
            "select pid, application_name, state, wait_event, pg_blocking_pids(pid), now() - state_change, left(query, 200) "
            f"from pg_stat_activity where datname = '{database}'"))

    def happen(self, accident, process, proxy, database, choice):
        if accident == "kill dbtool":
            process.kill()
        elif accident == "kill a backend":
            pids = self.backends(database)
            if pids:
                # The server sees a crash, and ends every other backend too.
                subprocess.run(["kill", "-KILL", str(choice.choice(pids))], stderr=subprocess.DEVNULL)
        elif accident == "end its backends":
            self.server.psql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")
        elif accident == "stop the server":
            self.server.stop("immediate")
        else:
            proxy.cut(tell_server=accident == "cut")

    def wait_for_server(self):
        if self.server.process.poll() is not None:
            self.server.start()
        for _ in range(600):
            try:
                self.server.psql("select 1")
                return
            except SqlError:
                time.sleep(0.05)

    def run_with_accident(self, way, accident, delay, database, choice):
        """Starts a run and lets the accident happen; returns its exit code."""
        proxy = CuttingProxy(self.server.directory) if accident.startswith("cut") else None
        process = self.dbtool(database, host=proxy.directory if proxy else None).start(*self.words(way))
        try:
            try:
                process.wait(timeout=delay)
            except subprocess.TimeoutExpired:
                self.happen(accident, process, proxy, database, choice)
                if accident == "stop the server":
                    # Now and then it is back before dbtool has given up.
                    time.sleep(choice.choice((0, 0.5)))
                    self.server.start()
            try:
                self.output = process.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                activity = self.activity(database)
                process.kill()
                out, err = process.communicate()
                self.output = (out, f"{err}it hung for two minutes; its backends:\n{activity}")
                return "hung", proxy
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.wait_for_server()
        return process.returncode, proxy

    def round(self, number):
        """Returns what went wrong, or None."""
        choice = random.Random(f"{self.arguments.seed} {number}")
        way = choice.choice(self.ways)
        accident = choice.choice(ACCIDENTS)
        delay = choice.uniform(0, 1.05) * self.seconds[way]
        back = choice.random() < 0.25
        database = f"round_{number}"
        self.server.create_database(database, f"at_{way[0]}")
        code, proxy = self.run_with_accident(way, accident, delay, database, choice)
        words = self.words((way[1], way[0]) if back else way)
        # Turning back when nothing was done yet: the goal is the present version, whichever command says it.
        goal = way[0] if back else way[1]
        if back:
            words = self.words_back(database, goal)
        done = self.dbtool(database).run(*words, timeout=180)
        fault = self.compare(database, goal) if done.returncode == 0 else f"exit {done.returncode}"
        if code == "hung":
            fault = f"the first run hung; {fault or 'the second was well'}"
        if proxy:
            proxy.close()
        print(f"{number}: {way[0]} -> {way[1]}, {accident} after {delay:.2f} s: exit {code}, "
              f"then {' '.join(words[:2])}: {'ok' if not fault else 'FAULT'}", flush=True)
        if fault:
            return (f"first run:\n{self.output[0]}{self.output[1]}\nsecond run:\n{done.stdout}{done.stderr}\n{fault}")
        self.server.drop_database(database)
        return None

    def words_back(self, database, goal):
        at = int(self.server.value("select version from dbtool.version", database))
        return ["downgrade" if at > goal else "upgrade", str(goal)] + (["--yes", "ci"] if at > goal else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--generate", required=True)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--round", type=int, help="only this round")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    faults = 0
    with PrivateServer() as server:
        campaign = Campaign(server, arguments)
        campaign.prepare()
        print("seconds without accident:", {f"{a}->{b}": round(s, 2) for (a, b), s in campaign.seconds.items()}, flush=True)
        for number in [arguments.round] if arguments.round else range(1, arguments.count + 1):
            fault = campaign.round(number)
            if fault:
                faults += 1
                print(fault, flush=True)
    print(f"seed {arguments.seed}: {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
