#!/usr/bin/env python3
"""Accidents in the middle of online migrations, while the services write without pause.

    online_kill.py --dbtool BINARY [--count N] [--seed S] [--round R] [--verbose]

Every round takes a copy of a prepared database (see online_projects.py for the patterns), lets clients write (see
service_clients.py), starts an upgrade or a downgrade, now and then turns it round, and at a random moment lets one
accident happen. Then one more dbtool, the same way or back, must end well while the clients go on; the check must be
clean, the ledger must know of nothing unfinished, and both forms of the rows must hold every write that was acknowledged.
The seed and a round's number (--round) give the same choice again; the moment within the run is the machine's.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "support")]
from cutting_proxy import CuttingProxy  # noqa: E402
from failover import Pair  # noqa: E402
from libpq import Connection  # noqa: E402
from online_projects import PATTERNS  # noqa: E402
from private_server import Dbtool, PrivateServer, SqlError  # noqa: E402
from service_clients import Client, key, rows_at_first  # noqa: E402

CLIENTS = 3
WAYS = ("up", "down", "up, then down", "down, then up")
# Those that end in a new primary take longer than all others.
ACCIDENTS = ("kill dbtool", "end a backend of it", "end its backends", "kill a backend of it", "stop the server", "cut",
             "cut, server not told", "fail over, synchronous", "fail over, asynchronous")
FELT_BY_SERVICES = ("kill a backend of it", "stop the server", "fail over, synchronous", "fail over, asynchronous")
OWN_BACKENDS = "from pg_stat_activity where datname = '{}' and application_name like 'dbtool%'"
ROWS = len(rows_at_first(CLIENTS))
HANDLED = """select coalesce(sum(rows), 0) from
  (select distinct on (range) rows from dbtool.checkpoints order by range, batch desc) latest"""
# Whatever happens to the server or the connections, dbtool goes on by itself (0), says that it failed (1), or that
# nobody answers (6).
CODES = (0, 1, 6)


class Round:
    """One round: what was chosen, and the outputs of the runs so far."""

    def __init__(self, seed, number):
        self.choice = random.Random(f"{seed} {number}")
        self.number, self.seed = number, seed
        self.pattern = self.choice.choice(list(PATTERNS))
        self.way = self.choice.choice(WAYS)
        self.accident = self.choice.choice(ACCIDENTS)
        self.workers = self.choice.randint(1, 3)
        self.batch_time = self.choice.choice(("10ms", "20ms", "50ms"))
        self.turns = self.choice.random() < 0.3
        # Mostly by the rows that are handled, of all; now and then by the time that a run takes, for what is beside the walk.
        self.moments = [self.choice.uniform(0, 1) for _ in range(2)]
        self.by_time = self.choice.random() < 0.2
        self.start = 1 if self.way.startswith("up") else 2
        self.outputs, self.codes = [], []
        self.happened = False

    def __str__(self):
        return f"{self.number}: {self.pattern}, {self.way}, {self.workers} workers, {self.accident}"


class Campaign:
    def __init__(self, server, directory, arguments):
        self.server, self.directory, self.arguments = server, directory, arguments
        self.still = directory / "data"  # of the server with all prepared databases, for pairs of servers
        self.seconds = {}  # that the whole way takes from a version with one worker; much the same in all patterns

    def dbtool(self, pattern, url):
        return Dbtool(self.arguments.dbtool, self.server, "-C", str(self.project(pattern)), "--url", url)

    def project(self, pattern):
        return self.directory / pattern

    @staticmethod
    def template(pattern, version):
        return f"{pattern}_at_{version}"

    def prepare(self):
        self.server.psql("create role ci_app login")
        for name, pattern in PATTERNS.items():
            pattern.write(self.project(name))
            one, two = (self.template(name, version) for version in (1, 2))
            self.server.create_database(one)
            self.must(name, one, "upgrade", "1")
            values = ",".join("('{}', '{}', '{{\"n\": {}, \"note\": \"{}\"}}')".format(*key(n), count, key(n)[1])
                              for n, count in rows_at_first(CLIENTS).items())
            self.server.psql(f"insert into entities values {values}; analyze", one)
            self.server.create_database(two, one)
            self.server.psql(f"alter database {two} set campaign.quick = on")
            self.must(name, two, "upgrade", "2")
            self.server.psql(f"alter database {two} reset campaign.quick; analyze", two)
        for version, words in ((1, ["upgrade", "2"]), (2, ["downgrade", "1", "--yes", "ci"])):
            self.server.create_database("timing", self.template("copy", version))
            self.seconds[version] = self.must("copy", "timing", *words, "--batch-time", "10ms")
            self.server.drop_database("timing")
        self.server.stop()
        subprocess.run(["cp", "-a", self.server.data, self.still], check=True)
        self.server.start()

    def must(self, pattern, database, *words):
        begun = time.monotonic()
        done = self.dbtool(pattern, self.server.url(database)).run(*words)
        if done.returncode != 0:
            sys.exit(f"{pattern}: dbtool {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return time.monotonic() - begun

    def words(self, round_, goal, place, database):
        """The command line that leads to the goal from wherever the database is."""
        at = int(place.server.value("select version from dbtool.version", database))
        down = goal < at or (goal == at and goal == 1 and round_.choice.random() < 0.5)
        return ["downgrade" if down else "upgrade", str(goal), *(["--yes", "ci"] if down else []),
                "--workers", str(round_.workers), "--batch-time", round_.batch_time]

    def happen(self, round_, place, database, process, proxy):
        accident, choice, backends = round_.accident, round_.choice, OWN_BACKENDS.format(database)
        if accident == "kill dbtool":
            process.kill()
        elif accident == "end a backend of it":
            place.server.psql(f"select pg_terminate_backend(pid) {backends} order by random() limit 1")
        elif accident == "end its backends":
            place.server.psql(f"select pg_terminate_backend(pid) {backends}")
        elif accident == "kill a backend of it":
            pids = place.server.psql(f"select pid {backends} order by random() limit 1")
            if pids:
                # The server sees a crash, and ends every other backend too.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pids[0][0]), signal.SIGKILL)
        elif accident == "stop the server":
            place.server.stop("immediate")
            time.sleep(choice.choice((0, 0.5)))
            place.server.start()
        elif accident.startswith("fail over"):
            place.fail_over(behind=choice.choice((0, 0.1, 0.3)))
        else:
            proxy.cut(tell_server=accident == "cut")

    @staticmethod
    def wait_for_server(server):
        for _ in range(600):
            with contextlib.suppress(SqlError):
                server.psql("select 1")
                return
            time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def reaches(self, round_, place, database, process, moment):
        """Waits for the moment of a run: false when it ends before."""
        begun, seconds = time.monotonic(), self.seconds[round_.start]
        connection = Connection(place.server.url(database))
        old = connection.query(HANDLED)  # of a run before
        while process.poll() is None:
            handled = connection.query(HANDLED)
            old = old if handled == old else None
            by_time, by_rows = time.monotonic() - begun > moment * seconds, not old and int(handled[0][0]) > moment * ROWS
            if by_time if round_.by_time else by_rows:
                break
            time.sleep(0.01)
        connection.close()
        return process.poll() is None

    def run(self, round_, place, database, words, moment=None, event=None, url=None):
        """Runs dbtool, and `event` when it reaches that moment; gives its exit code."""
        process = self.dbtool(round_.pattern, url or place.url(database)).start(*words)
        try:
            if event and self.reaches(round_, place, database, process, moment):
                event(process)
            output = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            output = process.communicate()
            round_.outputs.append("does not end; sessions: " + str(place.server.psql(
                "select pid, application_name, state, wait_event, pg_blocking_pids(pid), left(query, 200) from pg_stat_activity")))
        finally:
            process.kill()
        round_.outputs.append(f"dbtool {' '.join(words)}: exit {process.returncode}\n{''.join(output)}")
        round_.codes.append(process.returncode)
        return process.returncode

    def run_all(self, round_, place, database, clients, proxy):
        """The runs of a round, the last of which reaches the goal that is returned; and what is wrong with their codes."""
        goal, faults = 3 - round_.start, []
        if "then" in round_.way:
            code = self.run(round_, place, database, self.words(round_, goal, place, database), round_.moments[0],
                            lambda process: process.terminate())
            # In its first milliseconds it dies of the signal, as any program; a shell says 143 to that too.
            if code not in (0, 143, -signal.SIGTERM):
                faults.append(f"exit {code} of a run that was asked to stop")
            goal = 3 - goal

        def accident(process):
            round_.happened = True
            for client in clients:
                client.is_disturbed = round_.accident in FELT_BY_SERVICES
            self.happen(round_, place, database, process, proxy)

        url = self.server.url(database, host=proxy.directory) if proxy else None
        code = self.run(round_, place, database, self.words(round_, goal, place, database), round_.moments[1],
                        accident, url)
        allowed = (0, -signal.SIGKILL) if round_.accident == "kill dbtool" else CODES
        if code not in allowed:
            faults.append(f"exit {code} of the run in which the accident happened")
        self.wait_for_server(place.server)
        goal = 3 - goal if round_.turns else goal
        code = self.run(round_, place, database, self.words(round_, goal, place, database))
        if code != 0:
            faults.append(f"exit {code} of the last run")
        return goal, faults

    def compare(self, round_, place, database, goal, clients):
        """What is wrong with the database at the end."""
        faults = []
        check = self.dbtool(round_.pattern, place.url(database)).run("check")
        if check.returncode != 0:
            faults.append(f"check ends with {check.returncode}\n{check.stdout}{check.stderr}")
        ledger = place.server.psql("""
            select (select version from dbtool.version), (select recorded_version from dbtool.ledger),
              (select count(*) from dbtool.online), (select count(*) from dbtool.ranges),
              (select count(*) from dbtool.checkpoints), (select count(*) from dbtool.control),
              (select count(*) from dbtool.positions), (select outcome from dbtool.runs order by run desc limit 1),
              (select count(*) from pg_proc where proname like 'online%')""", database)[0]
        # A run that finds nothing to do is none.
        outcome = ledger[7] if "nothing to do" in round_.outputs[-1] else "done"
        if ledger != [str(goal), str(goal), "0", "0", "0", "0", "0", outcome, "0"]:
            faults.append(f"the ledger says {ledger}")
        wrong, rows = PATTERNS[round_.pattern].truth[goal]
        found = [row[0] for row in place.server.psql(wrong, database)]
        faults += found[:10] + ([f"… {len(found)} in all"] if len(found) > 10 else [])
        there = collections.defaultdict(list)
        for number, count in place.server.psql(rows, database):
            there[int(number)].append(int(count))
        differing = [f"row {n}: is {there.get(n, 'not there')}, must be one of {counts}"
                     for client in clients for n, counts in client.possible().items()
                     if len(there.get(n, ())) > 1 or (there[n][0] if n in there else None) not in counts]
        return faults + differing[:10] + ([f"… {len(differing)} in all"] if len(differing) > 10 else [])

    def round(self, number):
        """Returns what went wrong."""
        round_ = Round(self.arguments.seed, number)
        database, begun, proxy = f"round_{number}", time.monotonic(), None
        with contextlib.ExitStack() as stack:
            if round_.accident.startswith("fail over"):
                place = stack.enter_context(Pair(self.still, round_.accident == "fail over, synchronous"))
                database = self.template(round_.pattern, round_.start)
            else:
                place = Single(self.server)
                self.server.create_database(database, self.template(round_.pattern, round_.start))
                if round_.accident.startswith("cut"):
                    proxy = CuttingProxy(self.server.directory)
                    stack.callback(proxy.close)
            clients = [Client(n, place.url(database, "ci_app") + "&application_name=app", f"{number} {n}", rows_at_first(CLIENTS),
                              round_.accident == "fail over, asynchronous") for n in range(CLIENTS)]
            try:
                goal, faults = self.run_all(round_, place, database, clients, proxy)
            finally:
                for client in clients:
                    client.stop()
            for client in clients:
                faults += [f"client {client.number}: {fault}" for fault in client.faults[:3]]
            faults += self.compare(round_, place, database, goal, clients)
            if not faults and not isinstance(place, Pair):
                self.server.drop_database(database)
        if self.arguments.verbose:
            print(*round_.outputs, sep="\n")
        print(f"{round_}: exits {round_.codes}{'' if round_.happened else ' (too late)'}, at {goal} with {sum(client.acknowledged for client in clients)} writes, of which "
              f"one took {max(client.longest_call for client in clients):.1f} s, in {time.monotonic() - begun:.1f} s: "
              f"{'ok' if not faults else 'FAULT'}", flush=True)
        return [f"seed {self.arguments.seed}, {round_}", *round_.outputs, *faults] if faults else []


class Single:
    """One server alone, as what a round works with."""

    def __init__(self, server):
        self.server, self.url = server, server.url


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=int, help="only this round")
    parser.add_argument("--verbose", action="store_true", help="the outputs of every run")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    faults = 0
    with tempfile.TemporaryDirectory() as directory, PrivateServer() as server:
        campaign = Campaign(server, pathlib.Path(directory), arguments)
        campaign.prepare()
        for number in [arguments.round] if arguments.round else range(1, arguments.count + 1):
            found = campaign.round(number)
            if found:
                faults += 1
                print(*found, sep="\n", flush=True)
    print(f"seed {arguments.seed}: {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
