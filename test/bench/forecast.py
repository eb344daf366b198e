"""Measures forecasts of running migrations: what dbtool says is left, held against what was.

usage: scripts/bench forecast [--rounds N] [--only WORD …] [--rows N] [--share S] [--build DIR] [--svg FILE]
                              [--keep DIR | --replay DIR]

Every migration is rehearsed on a small copy (30 % of the rows; --share) while the machine is idle, then runs on all rows
while other programs make it about twice as slow, which nobody told dbtool. Each takes 20 s or more.

  insert      one insert … select of entities into a table of 15 columns, its key and two indexes
  loop        the same, row by row in PL/pgSQL
  script      five statements: the table, the rows, an update of them, an index, a check that is validated
  update      a new value for every row
  rewrite     a column of another type
  slowed      the insert, twice as slow from a quarter of its time on
  slowed_loop the loop, the same
  burst …     insert, loop, script, update and rewrite under 2,000 updates a second of another table
  unrehearsed the insert, never rehearsed

For each: the forecast of the total over the truth at 5, 10, 25, 50 and 75 % of the run, and below it the same of a program
beside it that does nothing but the same over and over, told by its own pace so far: as far as that strays, the machine does,
and nobody could have known. Then whether the truth was inside the range shown, and what looking cost: CPU of the second connection's backend and of dbtool over the time of the run.
--keep leaves the looks in a directory, --replay shows what the present build makes of them.
"""
import argparse
import bisect
import collections
import contextlib
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import forecast_project as project
from online_plot import write_svg
from private_server import PrivateServer, client

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
SHARES = (0.05, 0.10, 0.25, 0.50, 0.75)
FOREIGN_UPDATES = 2000
# Beside one backend on so many cores, each of these gets as much of a core as it.
SLOWED_BY = 2

BUSY = """
import os, time
parent, count, told = os.getppid(), 0, 0
while os.getppid() == parent:
    sum(range(100000))
    count += 1
    if time.monotonic() > told + 0.2:
        told = time.monotonic()
        print(told, count, flush=True)
"""

# From which share of the run on, from where to where forecast ÷ truth is to be.
BARS = {
    "insert": (0.10, 0.88, 1.12), "loop": (0.05, 0.88, 1.12), "script": (0.10, 0.80, 1.25),
    "update": (0.10, 0.85, 1.15), "rewrite": (0.10, 0.85, 1.15), "slowed": (0.50, 0.87, 1.13),
    "slowed_loop": (0.50, 0.87, 1.13), "unrehearsed": (0.25, 0.70, 1.40),
}

Look = collections.namedtuple("Look", "seconds low high likely")
Run = collections.namedtuple("Run", "total looks sampler own machine")


class Neighbours:
    """Programs that take turns with the server on the machine's cores."""

    def __init__(self, slower_by):
        self.count = round((os.cpu_count() or 1) * slower_by) - 1
        self.processes = []
        self.counts = []  # seconds on the monotonic clock, and how often the first of them had done its work

    def __enter__(self):
        # In sessions of their own, so that the scheduler shares the cores out among them and the server; they end with us.
        self.processes = [subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True, text=True,
                                           stdout=subprocess.DEVNULL if number else subprocess.PIPE)
                          for number in range(self.count)]
        if self.processes:
            self.reader = threading.Thread(target=self._read)
            self.reader.start()
        return self

    def _read(self):
        for line in self.processes[0].stdout:
            told, count = line.split()
            self.counts.append((float(told), int(count)))

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        if self.processes:
            self.reader.join()
        self.processes = []


class ForeignUpdates:
    """2,000 transactions a second that update a table which the migration does not touch."""

    def __init__(self, bench, database):
        self.bench, self.database = bench, database

    def __enter__(self):
        script = self.bench.work / "foreign.sql"
        script.write_text("\\set id random(1, 100000)\nupdate bench_foreign set count = count + 1 where id = :id;\n")
        self.process = subprocess.Popen(
            [client("pgbench"), "-n", "-c", "8", "-j", "1", "-M", "prepared", "-R", str(FOREIGN_UPDATES), "-T", "3600",
             "-f", str(script), self.bench.server.url(self.database)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.bench.server.environment())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class SamplerCpu:
    """CPU seconds of the backend that serves dbtool's looks, as it ends."""

    def __init__(self, server, database):
        self.server, self.database = server, database
        self.seconds, self.done = 0.0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self):
        pid = None
        while not self.done.wait(0.5):
            if pid is None:
                found = self.server.psql("select pid from pg_stat_activity where application_name = 'dbtool window' "
                                         f"and datname = '{self.database}'")
                pid = found[0][0] if found else None
            if pid is None:
                continue
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            self.seconds = (int(fields[11]) + int(fields[12])) / TICKS

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


class Case:
    """A migration, and what goes on beside it."""

    def __init__(self, name, *, migration=None, burst=False, slowed_from_start=True, rehearsed=True):
        self.name, self.burst, self.rehearsed = name, burst, rehearsed
        self.migration = migration or name
        self.slowed_from_start = slowed_from_start
        self.bar = BARS[name.removeprefix("burst ")]


def cases():
    named = [Case(name) for name in ("insert", "loop", "script", "update", "rewrite")]
    return [*named,
            Case("slowed", migration="insert", slowed_from_start=False),
            Case("slowed_loop", migration="loop", slowed_from_start=False),
            *(Case(f"burst {case.name}", migration=case.name, burst=True) for case in named),
            Case("unrehearsed", migration="insert", rehearsed=False)]


class Bench:
    def __init__(self, server, work, build, rows, share, keep):
        self.server, self.work, self.build, self.keep = server, pathlib.Path(work), build, keep
        self.rows, self.share = rows, share
        self.rehearsals = {}
        server.psql("create role bench_queue login")
        self.directories = {name: project.write(self.work / name, name) for name in project.MIGRATIONS}
        self.templates = {}
        for name, count in (("small", round(rows * share)), ("large", rows)):
            self.templates[name] = f"bench_{name}"
            self.fill(self.templates[name], count)

    def command(self, directory, database, *words):
        return [str(part) for part in
                (self.build / "dbtool", "-C", directory, "--url", self.server.url(database), *words)]

    def run(self, command):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=self.server.environment())
        if done.returncode not in (0, 3):
            sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done

    def fill(self, database, rows):
        self.server.create_database(database)
        self.run(self.command(self.directories["insert"], database, "upgrade", "1"))
        self.server.psql(project.fill(rows) + "vacuum (freeze, analyze)", database)
        print(f"{rows:,} entities, {self.server.value('select pg_size_pretty(pg_database_size(current_database()))', database)}")

    def copy(self, template, database):
        self.server.drop_database(database)
        self.server.psql(f'create database "{database}" template "{self.templates[template]}" strategy file_copy')
        self.server.psql(f"select count(*) from {project.SOURCE} where value is null; checkpoint", database)

    def rehearse(self, migration):
        """The file, and the seconds that a row took in it."""
        if migration not in self.rehearsals:
            self.copy("small", "bench_copy")
            file = self.work / f"{migration}.json"
            self.run(self.command(self.directories[migration], "bench_copy", "rehearse", "--on",
                                  self.server.url("bench_copy"), "--no-again", "--no-down", "--no-benchmark", "--force",
                                  "--output", file))
            steps = json.loads(file.read_text())["rehearsal"]["steps"]
            seconds = next(step["seconds"] for step in steps if step["version"] == 2 and step["direction"] == "upgrade")
            self.rehearsals[migration] = file, seconds / self.share
            self.server.drop_database("bench_copy")
        return self.rehearsals[migration]

    def measure(self, case):
        words = ["upgrade", "--format", "json"]
        slow_after = 0.0
        if case.rehearsed:
            file, seconds = self.rehearse(case.migration)
            words += ["--rehearsal", file]
            if not case.slowed_from_start:
                # A quarter of the time that it will take in all.
                slow_after = seconds / (1 + 3 / SLOWED_BY)
        self.copy("large", "bench_run")
        with contextlib.ExitStack() as beside:
            if case.burst:
                beside.enter_context(ForeignUpdates(self, "bench_run"))
            neighbours = beside.enter_context(Neighbours(SLOWED_BY)) if case.slowed_from_start else None
            time.sleep(1)
            sampler = beside.enter_context(SamplerCpu(self.server, "bench_run"))
            run = self.watch(self.command(self.directories[case.migration], "bench_run", *words), beside, slow_after, neighbours)
        if self.keep:
            self.keep_run(case, run)
        self.server.drop_database("bench_run")
        return run._replace(sampler=sampler.seconds)

    def keep_run(self, case, run):
        """Its looks, its rehearsal, its truth."""
        number = len(list(self.keep.glob(f"{case.name}-*.json")))
        done = self.run(self.command(self.directories[case.migration], "bench_run", "report", "--format", "json",
                                     self.server.value("select max(run) from dbtool.runs", "bench_run")))
        rehearsal = self.rehearse(case.migration)[0].read_text() if case.rehearsed else None
        (self.keep / f"{case.name}-{number}.json").write_text(json.dumps(
            {"case": case.name, "rows": self.rows, "total": run.total, "machine": run.machine, "rehearsal": rehearsal,
             "report": json.loads(done.stdout)}))

    def watch(self, command, beside, slow_after, neighbours):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, env=self.server.environment())
        looks, began, total, told = [], None, None, []
        timer = threading.Timer(slow_after, lambda: beside.enter_context(Neighbours(SLOWED_BY))) if slow_after else None
        for line in process.stderr:
            now = time.monotonic()
            told.append(line)
            event = json.loads(line)
            if event["event"] == "step_started" and event.get("version") == 2:
                began = now
                if timer:
                    timer.start()
            elif event["event"] == "step_forecast":
                if event["left_low_seconds"] is not None:
                    looks.append(Look(event["seconds"], *(event[f"left_{end}_seconds"] for end in ("low", "high", "likely"))))
            elif event["event"] == "step_done" and began is not None:
                total = now - began
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if timer:
            timer.cancel()
            timer.join()
        if process.returncode not in (0, 3) or total is None:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{''.join(told)[-4000:]}")
        machine = [(told - began, count) for told, count in neighbours.counts if told <= began + total] if neighbours else []
        return Run(total, looks, 0.0, usage.ru_utime + usage.ru_stime, machine)


def look_at(run, share):
    """What was shown when so much of the run's time was over: the last forecast until then."""
    shown = [look for look in run.looks if look.seconds <= share * run.total]
    return shown[-1] if shown else None


def ratios(run, look):
    return [(look.seconds + left) / run.total for left in (look.low, look.likely, look.high)]


def machine_ratio(run, share):
    """What a program of even work, that ran beside, would have told at that share by its pace so far."""
    if len(run.machine) < 2:
        return None
    seconds, counts = zip(*run.machine)

    def count_at(moment):
        after = min(max(bisect.bisect(seconds, moment), 1), len(seconds) - 1)
        part = (moment - seconds[after - 1]) / (seconds[after] - seconds[after - 1])
        return counts[after - 1] + part * (counts[after] - counts[after - 1])
    done = count_at(share * run.total) - count_at(0)
    return share * (count_at(run.total) - count_at(0)) / done if done > 0 else None


def report(case, runs):
    since, low, high = case.bar
    cells = []
    for share in SHARES:
        found = [ratios(run, look) for run in runs if (look := look_at(run, share))]
        if not found:
            cells.append("—".center(22))
            continue
        least, likely, most = (statistics.median(values) for values in zip(*found))
        mark = "*" if share >= since and not all(low <= values[1] <= high for values in found) else " "
        cells.append(f"{likely:5.2f}{mark} ({least:4.2f} – {most:4.2f})".ljust(22))
    looking = statistics.median((run.sampler + run.own) / run.total for run in runs)
    cost = (f" {100 * statistics.median(run.sampler / run.total for run in runs):6.2f} % {100 * looking:6.2f} %"
            if looking > 0 else "")  # nothing is known of it in a replay
    print(f"  {case.name:14} {statistics.median(run.total for run in runs):6.1f} " + " ".join(cells) + cost)
    known = [run for run in runs if machine_ratio(run, 0.5)]
    if known:
        even = [statistics.median(machine_ratio(run, share) or 0 for run in known) for share in SHARES]
        print(f"  {'  even work':14} {'':6} " + " ".join(f"{ratio:5.2f}".ljust(22) for ratio in even))
    sys.stdout.flush()


def print_head():
    print(f"\nforecast of the total ÷ truth, likely (low – high), at so much of the run's time; slower by {SLOWED_BY}")
    print(f"  {'':14} {'s':>6} " + " ".join(f"{100 * share:.0f} %".ljust(22) for share in SHARES) + "  sampler  + dbtool")


def replay(case, directory, build):
    """Runs that were kept, as the present build would have told of them."""
    runs = []
    for file in sorted(directory.glob(f"{case.name}-*.json")):
        kept = json.loads(file.read_text())
        with tempfile.TemporaryDirectory() as work:
            texts = {"rehearsal": kept["rehearsal"], "report": json.dumps(kept["report"])}
            for name, text in texts.items():
                if text:
                    (pathlib.Path(work) / name).write_text(text)
            rehearsal = pathlib.Path(work) / "rehearsal" if kept["rehearsal"] else "none"
            done = subprocess.run([next(build.glob("**/forecast_replay")), rehearsal, pathlib.Path(work) / "report", str(kept["rows"])],
                                  check=True, capture_output=True, text=True)
        looks = [Look(*map(float, line.split())) for line in done.stdout.splitlines()]
        runs.append(Run(kept["total"], looks, 0.0, 0.0, kept.get("machine", [])))
    return runs


def is_met(case, run):
    """Every forecast from that share of the run on, not some only."""
    since, low, high = case.bar
    shown = [look_at(run, share) for share in SHARES if share >= since]
    return all(look and low <= ratios(run, look)[1] <= high for look in shown)


def summary(found):
    print("\nbars: forecast ÷ truth, at every share shown from the first on (* above: outside)")
    for case, runs in found.items():
        since, low, high = case.bar
        met = sum(is_met(case, run) for run in runs)
        print(f"  {case.name:14} from {100 * since:3.0f} %, {low:.2f} – {high:.2f}: {met} of {len(runs)} "
              f"{'met' if met == len(runs) else 'MISSED'}")
    rehearsed = [run for case, runs in found.items() if case.rehearsed for run in runs]
    for share in (0.1, 0.5):
        shown = [(run, look_at(run, share)) for runs in found.values() for run in runs]
        inside = sum(1 for run, look in shown if look and ratios(run, look)[0] <= 1 <= ratios(run, look)[2])
        print(f"  truth inside the range shown at {100 * share:.0f} %: {inside} of {len(shown)}" +
              (f", bar 9 of 10: {'met' if inside >= 0.9 * len(shown) else 'MISSED'}" if share == 0.1 else ""))
    if any(run.sampler for run in rehearsed):
        sampler = statistics.median(100 * run.sampler / run.total for run in rehearsed)
        print(f"  CPU of the second connection's backend: {sampler:.2f} % of the run's time; bar 0.5 for it and the looking in "
              f"dbtool, of which no more is known than dbtool's whole command{': MISSED' if sampler > 0.5 else ''}")


def plot(found, file):
    """Forecast ÷ truth over the share of the run."""
    curves = {}
    for case, runs in found.items():
        run = runs[0]
        if run.looks:
            curves[case.name] = {name: [(look.seconds, min(2.5, ratios(run, look)[end])) for look in run.looks]
                                 for end, name in enumerate(("low", "likely", "high"))}
    write_svg(file, curves, {}, "forecast of the total ÷ truth")
    print(f"curves: {file}")


def main(arguments):
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--build", type=pathlib.Path, help="an existing release build")
    parser.add_argument("--svg", type=pathlib.Path, default=ROOT / "build" / "bench-forecast.svg")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--replay", type=pathlib.Path)
    given = parser.parse_args(arguments)
    chosen = [case for case in cases() if not given.only or case.name in given.only]
    if not chosen:
        parser.error(f"--only: one of {', '.join(case.name for case in cases())}")
    build = given.build or ROOT / "build" / "release"
    if not given.build:
        subprocess.run(["cmake", "--preset", "release"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", "--preset", "release", "--target", "dbtool", "forecast_replay"], check=True, cwd=ROOT,
                       stdout=subprocess.DEVNULL)
    if given.replay:
        found = {case: replay(case, given.replay, build) for case in chosen}
        found = {case: runs for case, runs in found.items() if runs}
        print_head()
        for case, runs in found.items():
            report(case, runs)
        return summary(found)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    # A server whose owner looks after it: the data in memory, room for the log, whose files are there already.
    settings = ("shared_buffers=2GB", "min_wal_size=3GB", "max_wal_size=6GB", "maintenance_work_mem=256MB")
    with PrivateServer(settings, durable=True) as server, tempfile.TemporaryDirectory(prefix="dbtool-bench-") as work:
        os.chmod(work, 0o755)
        bench = Bench(server, work, build.resolve(), given.rows, given.share, given.keep)
        print_head()
        found = collections.defaultdict(list)
        for _ in range(given.rounds):
            for case in random.sample(chosen, len(chosen)) if given.rounds > 1 else chosen:
                found[case].append(bench.measure(case))
                report(case, found[case][-1:])
        if given.rounds > 1:
            print("\nmedians")
            for case in chosen:
                report(case, found[case])
        summary(found)
        plot(found, given.svg)
