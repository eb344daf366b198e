"""Measures online migrations: rates beside plain SQL's, and what the services feel meanwhile.

usage: scripts/bench online [--rows N] [--rounds N] [--only WORD …] [--narrow MILLIONS …] [--build DIR] [--svg FILE]

  copy       entities of tasks (1,000,000; --rows 10000000 for more) into a table of 15 columns, its key and two indexes: one
             insert … select; a loop over the rows in one transaction; the old way (a function's batches of one second, one
             after the other); dbtool by the same function; dbtool by a declared batch with 1, 2, auto workers; the same batch
             without its row locks, for a source that nobody changes: like the insert … select, which locks none either
  fill       a new column of the same entities, in place: one update; the old way; dbtool with 1 worker
  services   all of these again beside a client of 300 transactions a second, which reads and updates the same rows by the
             services' functions: what its p50, p95, p99, p99.9 and longest wait are, against the client alone
  narrow     buffers that a declared batch touches for a row of a narrow table of 1 and 10 million rows (--narrow 1 10 100)

Each figure is the median of N rounds (3) in which all take turns, each in a fresh copy of the same database on a durable
private server. The contents are compared at the end of each. "own CPU" is dbtool's, "server" the server's, "others" what
the rest of the machine used meanwhile, all as shares of the time that went by (one core is 100 %).
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import online_project as project
from online_plot import write_svg
from private_server import PrivateServer, client

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
SERVICES_RATE = 300
KEYS = 100_000  # rows that the client picks from

TASKS = """\
  created: timestamp with time zone not null
  deadline: timestamp with time zone not null
  etag: uuid
  expires: timestamp with time zone not null
  metadata: text
  payload: text
  priority: text not null
  provisioner_id: text not null
  requires: text
  retries: integer not null
  scheduler_id: text not null
  task_group_id: text not null
  task_id: text not null
  touched: integer not null
  worker_type: text not null
"""
ENTITIES = """\
queue_tasks_entities:
  etag: uuid
  partition_key: text not null
  row_key: text not null
  touched: integer not null
  value: jsonb not null
  version: integer not null
"""

COPIED = f"""\
select not exists (select from {project.SOURCE} e where not exists (select from tasks t where t.task_id = e.partition_key))"""
SAME_COPY = f"""
select count(*) from (select {project.COLUMNS} from {project.SOURCE} e) s
  full join tasks t on t.task_id = s.partition_key
 where row(t.*) is distinct from row(s.*)"""
SAME_FILL = f"select count(*) from {project.SOURCE} where filled is distinct from value ->> 'workerType'"


class Variant:
    """One way to move the rows: a name, and how it is run in a database of its own. Either statements for psql (what
    goes before them is not measured), or the words of a dbtool command in a project of its own. One that is not `safe`
    loses what the services write meanwhile: it is told of, and no fault of the bench's. One that is not `beside` is
    meant for a source that nobody changes."""

    def __init__(self, name, group, *, before="", statements=None, directory=None, words=(), safe=True, beside=True):
        self.name, self.group, self.safe, self.beside = name, group, safe, beside
        self.before, self.statements, self.directory, self.words = before, statements, directory, words


Run = collections.namedtuple("Run", "seconds moving own server others wal megabytes differing curve")


class Processes:
    """CPU seconds of a server and of the machine, by differences."""

    def __init__(self, postmaster):
        self.postmaster = postmaster

    @staticmethod
    def _stat(pid):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[1]), [int(value) for value in fields[11:15]]

    def server(self):
        total = sum(self._stat(self.postmaster)[1])  # with those of its children that have ended
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    parent, times = self._stat(entry)
                except OSError:
                    continue
                if parent == self.postmaster:
                    total += times[0] + times[1]
        return total / TICKS

    @staticmethod
    def machine():
        values = [int(value) for value in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return (sum(values[:3]) + sum(values[5:7])) / TICKS


class Services:
    """The client: pgbench, which logs every transaction."""

    def __init__(self, bench, database):
        self.bench, self.database = bench, database

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(dir=self.bench.work))
        read, update = self.directory / "read.sql", self.directory / "update.sql"
        pick = f"\\set id random(1, {self.bench.keys})\n"
        key = "(select task_id from bench_keys where id = :id)"
        read.write_text(pick + f"select value, etag, touched from {project.SOURCE} where partition_key = {key} and row_key = 'task';\n")
        update.write_text(pick + f"select task_touch({key}, :id);\n")
        self.process = subprocess.Popen(
            [client("pgbench"), "-n", "-c", "8", "-j", "1", "-M", "prepared", "-R", str(SERVICES_RATE), "-T", "3600", "-l",
             "--log-prefix", str(self.directory / "log"), "-f", str(read), "-f", str(update),
             self.bench.server.url(self.database)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=self.bench.server.environment())
        time.sleep(2)  # until its connections are open and warm
        self.began = time.time()
        return self

    def __exit__(self, kind, *_):
        self.ended = time.time()
        self.process.send_signal(signal.SIGINT)
        errors = self.process.communicate()[1]
        if kind is None and re.search("aborted|ERROR", errors):
            sys.exit(f"the services' client failed:\n{errors[-2000:]}")

    def latencies(self):
        """Milliseconds of reads and of updates while it was measured, with the seconds at which they ended."""
        found = {"reads": [], "updates": []}
        for file in self.directory.glob("log.*"):
            for line in file.read_text().splitlines():
                fields = line.split()
                if len(fields) < 6 or fields[2] == "skipped":
                    continue
                at = int(fields[4]) + int(fields[5]) / 1e6
                if self.began <= at <= self.ended:
                    found["updates" if fields[3] == "1" else "reads"].append((at - self.began, int(fields[2]) / 1000))
        return found


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class WalCurve:
    """How far the work is over time: its WAL so far, which is near linear in the rows for all ways alike."""

    def __init__(self, server):
        self.server, self.points, self.done = server, [], threading.Event()

    def __enter__(self):
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self._sample)
        self.thread.start()
        return self

    def _sample(self):
        psql = subprocess.Popen([client("psql"), "-X", "-q", "-A", "-t", "-d", self.server.url()], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True, env=self.server.environment())
        while True:
            last = self.done.is_set()
            psql.stdin.write("select pg_current_wal_insert_lsn() - '0/0';\n")
            psql.stdin.flush()
            self.points.append((time.monotonic() - self.began, int(psql.stdout.readline())))
            if last:
                break
            self.done.wait(0.25)
        psql.stdin.close()
        psql.wait()

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def shares(self):
        first, last = self.points[0][1], self.points[-1][1]
        return [(at, (wal - first) / max(last - first, 1)) for at, wal in self.points]

    def bytes(self):
        return self.points[-1][1] - self.points[0][1]


class Bench:
    def __init__(self, server, work, build, rows):
        self.server, self.work, self.build, self.rows = server, pathlib.Path(work), build, rows
        self.keys = min(KEYS, rows)
        self.processes = Processes(server.process.pid)
        self.server.psql("create role bench_queue login")
        self.template = "bench_entities"
        self.projects()
        self.fill_template()

    def projects(self):
        """Each way's project, and the SQL that makes ready for plain statements."""
        copy = "update tasks set touched = number_in where task_id = task_id_in;"
        methods = "methods:\n" + project.TOUCH.format(copy=copy)
        tables = ENTITIES + "tasks:\n" + TASKS
        lock = "\nwhere $range:e$\nfor update of e"
        declared = project.declared(project.insert(lock=lock), COPIED)
        unlocked = project.declared(project.insert(condition="\nwhere $range:e$"), COPIED)
        # The functions belong into the script.
        functions = project.script(project.TARGET.replace("\nend\n", "\n" + project.indent(project.BATCH_FUNCTION, 2) + "end\n"), "drop table tasks;")
        filled = project.declared(project.FILL_ALL.replace("where", "where $range$ and"),
                                  f"select not exists (select from {project.SOURCE} where filled is null)")
        add = f"begin\n  alter table {project.SOURCE} add column filled text;\nend\n"
        self.declared = project.write(self.work / "declared", project.script(project.TARGET, "drop table tasks;") + declared + methods, tables)
        self.unlocked = project.write(self.work / "unlocked", project.script(project.TARGET, "drop table tasks;") + unlocked + methods, tables)
        self.by_functions = project.write(self.work / "functions", functions + methods, tables)
        self.filled = project.write(self.work / "filled", project.script(add, f"alter table {project.SOURCE} drop column filled;") + filled + "methods: {}\n",
                                    ENTITIES.replace("  partition_key", "  filled: text\n  partition_key"))

    def variants(self):
        target = "do $setup$\n" + project.TARGET + "$setup$;\n"
        touch = ("create or replace function task_touch(task_id_in text, number_in integer) returns void language plpgsql as $$ "
                 f"begin update {project.SOURCE} set touched = number_in where partition_key = task_id_in and row_key = 'task'; "
                 "update tasks set touched = number_in where task_id = task_id_in; end $$;\n")
        ready = target + touch
        fill = f"alter table {project.SOURCE} add column filled text;\n"
        upgrade = ("upgrade",)
        return [
            Variant("one insert … select", "copy", before=ready, statements=project.insert(), safe=False),
            Variant("the declared statement at once", "copy", before=ready, statements=project.insert(lock="\nfor update of e")),
            Variant("row loop, one transaction", "copy", before=ready + project.BATCH_FUNCTION,
                    statements="select * from online_migration_v2_batch(2147483647, '{}')"),
            Variant("old way, batches of 1 s", "copy", before=ready + project.BATCH_FUNCTION, statements=project.OLD_WAY),
            Variant("dbtool by functions", "copy", directory=self.by_functions, words=upgrade),
            Variant("dbtool declared, 1 worker", "copy", directory=self.declared, words=upgrade),
            Variant("dbtool declared, 2 workers", "copy", directory=self.declared, words=(*upgrade, "--workers", "2")),
            Variant("dbtool declared, auto", "copy", directory=self.declared, words=(*upgrade, "--workers", "auto")),
            Variant("dbtool, no row locks, 1 worker", "copy", directory=self.unlocked, words=upgrade, beside=False),
            Variant("dbtool, no row locks, 2 workers", "copy", directory=self.unlocked, words=(*upgrade, "--workers", "2"), beside=False),
            Variant("one update", "fill", before=fill, statements=project.FILL_ALL),
            Variant("old way, 1 s", "fill", before=fill, statements=project.FILL_OLD_WAY),
            Variant("dbtool fill, 1 worker", "fill", directory=self.filled, words=upgrade),
        ]

    def dbtool(self, directory, database, *words):
        return [self.build / "dbtool", "-C", directory, "--url", self.server.url(database), *words]

    def run(self, command):
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=self.server.environment())
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done

    def fill_template(self):
        self.server.create_database(self.template)
        self.run(self.dbtool(self.declared, self.template, "upgrade", "1"))
        generate = next(self.build.glob("**/dbtool_generate"))
        self.run([generate, "--url", self.server.url(self.template), "--tasks", self.rows])
        self.server.psql(f"""
            create table bench_keys (id integer primary key, task_id text not null);
            insert into bench_keys select row_number() over (), partition_key
              from (select partition_key from {project.SOURCE} order by md5(partition_key) limit {self.keys}) k;
            alter table bench_keys owner to postgres;
            vacuum (freeze, analyze)""", self.template)
        size = self.server.value(f"select pg_size_pretty(pg_relation_size('{project.SOURCE}'))", self.template)
        print(f"{self.rows:,} entities of tasks, {size}")

    def copy_of_template(self, database):
        self.server.drop_database(database)
        self.server.psql(f'create database "{database}" template "{self.template}" strategy file_copy')
        # Read once into the server's memory, and written out: what is measured is the move.
        self.server.psql(f"select count(*) from {project.SOURCE} where value is null; checkpoint", database)

    def measure(self, variant, beside_services=False, database="bench"):
        """Runs a variant in a fresh copy; returns its figures."""
        psql = [client("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.server.url(database), "-o", "/dev/null", "-c"]
        if variant.directory:
            command = self.dbtool(variant.directory, database, *variant.words)
        else:
            if variant.before:
                self.server.psql(variant.before, database)
            command = [*psql, variant.statements]
        server, machine = self.processes.server(), self.processes.machine()
        began = time.monotonic()
        with WalCurve(self.server) as curve:
            started = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True, env=self.server.environment())
            output = started.stdout.read()
            _, status, usage = os.wait4(started.pid, 0)
            started.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - began
        if started.returncode != 0:
            sys.exit(f"{variant.name}: exit {started.returncode}\n{output[-4000:]}")
        own = usage.ru_utime + usage.ru_stime
        served = self.processes.server() - server
        others = self.processes.machine() - machine - served - own
        moving = seconds
        if variant.directory:
            # The whole command also makes tables, checks, analyzes; the other ways do no more than move.
            moving = float(self.server.value("select extract(epoch from finished - started) from dbtool.steps "
                                             "where version = 2 order by finished desc limit 1", database))
        differing = int(self.server.value(SAME_COPY if variant.group == "copy" else SAME_FILL, database))
        if differing and (variant.safe or not beside_services):
            sys.exit(f"{variant.name}: {differing} rows differ at the end")
        table = "tasks" if variant.group == "copy" else project.SOURCE
        size = int(self.server.value(f"select pg_relation_size('{table}')", database)) / 2**20
        return Run(seconds, moving, own, served, others, curve.bytes(), size, differing, curve.shares())


def median(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def bar(text, value, least=None, most=None, unit=" x"):
    met = (least is None or value >= least) and (most is None or value <= most)
    limit = f"at least {least:g}" if least is not None else f"at most {most:g}"
    print(f"  bar: {text}: {value:.2f}{unit}, {limit}: {'met' if met else 'MISSED'}")


def report_rates(bench, title, variants, runs):
    print(f"\n{title}")
    print(f"  {'':32} {'rows/s':>9} {'ratio':>6} {'moving s':>9} {'command s':>10} {'own CPU':>8} {'of server':>9} "
          f"{'server':>7} {'others':>7} {'WAL B/row':>10} {'table MB':>9}")
    first = median(runs[variants[0].name], "moving")
    for variant in variants:
        found = runs[variant.name]
        moving, seconds = median(found, "moving"), median(found, "seconds")
        own, served = median(found, "own"), median(found, "server")
        print(f"  {variant.name:32} {bench.rows / moving:9,.0f} {first / moving:6.2f} {moving:9.2f} {seconds:10.2f} "
              f"{100 * own / seconds:6.1f} % {100 * own / served:7.1f} % {100 * served / seconds:5.0f} % "
              f"{100 * median(found, 'others') / seconds:5.0f} % {median(found, 'wal') / bench.rows:10.0f} "
              f"{median(found, 'megabytes'):9.0f}")
        if median(found, "differing"):
            print(f"  {'':32} {median(found, 'differing'):9,.0f} rows lost what the services wrote meanwhile")
    sys.stdout.flush()


def copy_bars(runs):
    def ratio(slow, fast):
        return median(runs[slow], "moving") / median(runs[fast], "moving") if slow in runs and fast in runs else None
    one, old, locking = "one insert … select", "old way, batches of 1 s", "the declared statement at once"
    for text, value, least in (
            ("declared, 1 worker, against one insert … select", ratio(one, "dbtool declared, 1 worker"), 0.80),
            ("declared, 2 workers, against one insert … select", ratio(one, "dbtool declared, 2 workers"), 1.35),
            ("declared, 1 worker, against its own statement at once", ratio(locking, "dbtool declared, 1 worker"), 0.80),
            ("declared, 2 workers, against its own statement at once", ratio(locking, "dbtool declared, 2 workers"), 1.35),
            ("without row locks, 1 worker, against one insert … select", ratio(one, "dbtool, no row locks, 1 worker"), 0.80),
            ("without row locks, 2 workers, against one insert … select", ratio(one, "dbtool, no row locks, 2 workers"), 1.35),
            ("declared, 2 workers, against the old way", ratio(old, "dbtool declared, 2 workers"), 2.5),
            ("by functions, against the function in one transaction",
             ratio("row loop, one transaction", "dbtool by functions"), 0.85)):
        if value:
            bar(text, value, least=least)
    for name, found in runs.items():
        if name.startswith("dbtool"):
            bar(f"own CPU of {name}", 100 * median(found, "own") / median(found, "server"), most=2, unit=" % of the server's")


def measure_rates(bench, variants, rounds):
    runs = collections.defaultdict(list)
    for _ in range(rounds):
        for variant in variants:
            bench.copy_of_template("bench")
            runs[variant.name].append(bench.measure(variant))
    return runs


def measure_services(bench, variants, rounds):
    """The client alone, and beside every way; the latencies of all rounds together."""
    runs, felt = collections.defaultdict(list), collections.defaultdict(lambda: {"reads": [], "updates": []})
    for _ in range(rounds):
        bench.copy_of_template("bench")
        with Services(bench, "bench") as services:
            time.sleep(20)
        collect(felt["the client alone"], services)
        for variant in variants:
            bench.copy_of_template("bench")
            with Services(bench, "bench") as services:
                runs[variant.name].append(bench.measure(variant, beside_services=True))
            collect(felt[variant.name], services)
            shutil.rmtree(services.directory)
    return runs, felt


def collect(latencies, services):
    for kind, values in services.latencies().items():
        latencies[kind] += values


def report_services(felt):
    print(f"\nwhat a client of {SERVICES_RATE} transactions a second feels meanwhile, ms")
    print(f"  {'':32} " + " ".join(f"{kind:>52}" for kind in ("reads", "updates")))
    heads = ("p50", "p95", "p99", "p99.9", "max")
    print(f"  {'':32} " + " ".join(f"{'':12}" + "".join(f"{head:>8}" for head in heads) for _ in range(2)))
    for name, kinds in felt.items():
        line = f"  {name:32} "
        for kind in ("reads", "updates"):
            values = [latency for _, latency in kinds[kind]]
            figures = [percentile(values, share) for share in (0.5, 0.95, 0.99, 0.999)] + [max(values)]
            line += f"{len(values):11,} " + "".join(f"{figure:8.1f}" for figure in figures) + " "
        print(line.rstrip())
    alone = felt["the client alone"]

    def p99(name, kind):
        return percentile([latency for _, latency in felt[name][kind]], 0.99)

    def p99_of_all(kinds):
        return percentile([latency for kind in kinds.values() for _, latency in kind], 0.99)

    if "dbtool declared, 1 worker" in felt:
        bar("services' p99 beside inserting batches, 1 worker, over the client alone",
            p99_of_all(felt["dbtool declared, 1 worker"]) - p99_of_all(alone), most=3, unit=" ms")
    if "dbtool fill, 1 worker" in felt:
        bar("services' update p99 beside batches that update their rows, against the client alone",
            p99("dbtool fill, 1 worker", "updates") / p99("the client alone", "updates"), most=2)
    sys.stdout.flush()


def measure_narrow(bench, millions):
    """Buffers a row in tables of several sizes: they must not grow with the table."""
    first = ("version: 1\ndescription: narrow rows\n" + project.script(
        "begin\n  create table narrow (id bigint primary key, n integer not null);\n"
        "  create table narrow_copy (id bigint primary key, n integer not null);\nend\n"))
    batch = "insert into narrow_copy select id, n from narrow where $range$ on conflict (id) do nothing"
    second = project.script("begin\n  perform 1;\nend\n") + project.declared(
        batch, "select (select max(id) from narrow) = (select max(id) from narrow_copy)", "narrow", "[id]") + "methods: {}\n"
    columns = "  id: bigint not null\n  n: integer not null\n"
    directory = project.write(bench.work / "narrow", second, f"narrow:\n{columns}narrow_copy:\n{columns}", first)
    found = {}
    for million in millions:
        database = "bench_narrow"
        bench.server.drop_database(database)
        bench.server.create_database(database)
        bench.run(bench.dbtool(directory, database, "upgrade", "1"))
        bench.server.psql(f"insert into narrow select i, i % 1000 from generate_series(1, {million} * 1000000::bigint) i; "
                          "vacuum (freeze, analyze) narrow; checkpoint", database)
        buffers = ("select sum(coalesce(heap_blks_read + heap_blks_hit, 0) + coalesce(idx_blks_read + idx_blks_hit, 0)) "
                   "from pg_statio_user_tables where schemaname = 'public'")
        before = int(bench.server.value(buffers, database))
        # Of a large table the first half minute says as much as all of it.
        started = subprocess.Popen([str(part) for part in bench.dbtool(directory, database, "upgrade")], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=bench.server.environment())
        try:
            started.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            started.send_signal(signal.SIGINT)
            started.communicate()
        if started.returncode not in (0, 4, 130):
            sys.exit(f"narrow rows: exit {started.returncode}")
        time.sleep(1.5)  # until the backends have told their counters
        touched = int(bench.server.value(buffers, database)) - before
        found[million] = (touched, int(bench.server.value("select count(*) from narrow_copy", database)))
        bench.server.drop_database(database)
    print("\nbuffers that a row of a narrow table costs")
    per_row = {million: buffers / rows for million, (buffers, rows) in found.items()}
    least = min(per_row)
    for million, value in per_row.items():
        print(f"  {million:>4} million rows: {value:6.2f} buffers a row, {value / per_row[least]:.2f} x "
              f"({found[million][1]:,} rows moved)")
    bar("the largest table against the smallest", per_row[max(per_row)] / per_row[least], most=1.15)


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=("copy", "fill", "services", "narrow"),
                        default=["copy", "fill", "services", "narrow"])
    parser.add_argument("--ways", default="", help="only ways whose name matches this regular expression")
    parser.add_argument("--narrow", nargs="*", type=int, default=[1, 10])
    parser.add_argument("--build", type=pathlib.Path, help="an existing release build")
    parser.add_argument("--svg", type=pathlib.Path, default=ROOT / "build" / "bench-online.svg")
    arguments = parser.parse_args(words)
    build = arguments.build or ROOT / "build" / "release"
    if not arguments.build:
        subprocess.run([ROOT / "scripts" / "build", "release", "dbtool", "dbtool_generate"], check=True)
    # Memory and WAL as a server of that size has them: the moves are to be limited by work, not by checkpoints.
    settings = ["shared_buffers=4GB", "max_wal_size=16GB", "min_wal_size=2GB", "checkpoint_timeout=30min", "max_connections=50"]
    with PrivateServer(settings, durable=True) as server, tempfile.TemporaryDirectory(prefix="dbtool-bench-") as work:
        os.chmod(work, 0o755)
        bench = Bench(server, work, build.resolve(), arguments.rows)
        measure(bench, arguments)


def measure(bench, arguments):
    variants = [variant for variant in bench.variants() if re.search(arguments.ways, variant.name)]
    groups = {name: [variant for variant in variants if variant.group == name] for name in ("copy", "fill")}
    curves, latencies = {}, {}
    for name, title in (("copy", f"{bench.rows:,} entities into a table of 15 columns, key, two indexes"),
                        ("fill", f"a column of {bench.rows:,} entities filled in place")):
        if name not in arguments.only or not groups[name]:
            continue
        runs = measure_rates(bench, groups[name], arguments.rounds)
        report_rates(bench, title, groups[name], runs)
        if name == "copy":
            copy_bars(runs)
        elif "dbtool fill, 1 worker" in runs and "one update" in runs:
            filled, update = runs["dbtool fill, 1 worker"], runs["one update"]
            bar("fill, 1 worker, against one update", median(update, "moving") / median(filled, "moving"), least=1.4)
            bar("table after it, against one update's", median(filled, "megabytes") / median(update, "megabytes"), most=1)
        curves[title] = {variant.name: runs[variant.name][-1].curve for variant in groups[name]}
    if "services" in arguments.only and variants:
        beside = [variant for variant in variants if variant.beside]
        runs, felt = measure_services(bench, beside, arguments.rounds)
        for name, title in (("copy", "the copy beside the services"), ("fill", "the fill beside the services")):
            if groups[name]:
                report_rates(bench, title, [variant for variant in groups[name] if variant.beside], runs)
        report_services(felt)
        latencies = {name: kinds["updates"] for name, kinds in felt.items()}
    if "narrow" in arguments.only:
        measure_narrow(bench, arguments.narrow)
    if curves or latencies:
        write_svg(arguments.svg, curves, latencies)
        print(f"\ncurves: {arguments.svg}")
    print(json.dumps({"rows": bench.rows, "rounds": arguments.rounds, "server": bench.server.major()}))
