#!/usr/bin/env python3
"""Version 20 moves the tasks while the services run: what they see, at every point and whatever happens.

    tasks_online.py --dbtool BINARY --generate BINARY [--tasks N] [--operations N] [--seed S]

contents   batches of random sizes, whose state is lost now and then, given up half way, turned round; after each the
           old functions must answer what they answered at version 19, and in the end the tables must hold what they held
services   clients that create, count up, resolve and remove tasks through the old functions all the while; in the end
           no write may be lost, no row there twice
forms      the form that the version had on the day, the online form by functions and the declared one must end with the
           same rows, and the ways back from each with those of version 19

Drives the batches itself, to stop them where it likes; what dbtool does with them has its own tests. It is dbtool that
goes the ways of the declared form.
"""
import argparse
import importlib.machinery
import importlib.util
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SUPPORT = ROOT / "test" / "support"
sys.path.insert(0, str(SUPPORT))
import declared_20  # noqa: E402
from private_server import Dbtool, PrivateServer, client  # noqa: E402

_loader = importlib.machinery.SourceFileLoader("reference_runner", str(SUPPORT / "reference_runner"))
reference_runner = importlib.util.module_from_spec(importlib.util.spec_from_loader(_loader.name, _loader))
_loader.exec_module(reference_runner)

SERVICES = ("auth", "github", "hooks", "index", "notify", "purge_cache", "secrets", "web_server", "worker_manager", "queue")
CLIENTS = 3

# JSON that services have written, by property of a task, and what jsonb makes of it: what it cannot hold stays text.
ODD_JSON = (
    ("payload", r'{"command":  ["a\u0000b"]}', "string"),
    ("metadata", r'{"name": "half a pair: \ud83d"}', "string"),
    ("scopes", r'["a\u0000", "\udc00"]', "string"),
    ("extra", r'"{\"a\":  1}"', "string"),
    ("tags", r'{"kind": "no \\u0000, a pair \ud83d\ude00"}', "object"),
)


class Versions(reference_runner.Runner):
    """Goes from version to version; the online part runs as far as `batches` says."""

    def __init__(self, server, database, directory, chance):
        super().__init__(reference_runner.Database(server.url(database)), reference_runner.Project(directory, "ci"),
                         "dbtool.version")
        self.chance, self.batches = chance, None

    def online(self, way, version):
        name, left = f"online_{way}_v{version}", self.batches
        if self.database.run(f"select to_regproc('{name}_batch') is null") == "t":
            return
        while self.database.run(f"select {name}_is_complete()") != "t":
            state, count = "{}", None
            while count != "0":
                size = self.chance.randint(1, 300)
                count, state = self.database.run(
                    f"select count, state from {name}_batch({size}, {reference_runner.quoted(state)})").split("|", 1)
                if self.chance.random() < 0.05:
                    state = "{}"
                left = None if left is None else left - 1
                if left == 0:
                    self.database.run(f"drop function {name}_batch; drop function {name}_is_complete;")
                    return
        self.database.run(f"drop function {name}_batch; drop function {name}_is_complete;")


class DeclaredVersions:
    """Goes by dbtool, with more than one worker."""

    def __init__(self, dbtool):
        self.dbtool = dbtool

    def go(self, goal):
        version = json.loads(self.dbtool.run("--format", "json", "status").stdout)["version"]
        done = self.dbtool.run("downgrade" if goal < version else "upgrade", str(goal), "--workers", "2", "--yes", "ci")
        if done.returncode != 0:
            sys.exit(f"from {version} to {goal}: exit {done.returncode}\n{done.stdout}{done.stderr}")


class Test:
    def __init__(self, server, arguments):
        self.server, self.arguments, self.faults = server, arguments, 0
        self.chance = random.Random(arguments.seed)

    def must(self, condition, what):
        if not condition:
            self.faults += 1
            print(f"FAULT: {what}", flush=True)

    def database_at_19(self, name, directory=ROOT, tasks=0):
        self.server.create_database(name)
        self.server.psql("create extension pgcrypto; create schema dbtool;"
                         + "".join(f"grant usage on schema public to ci_{service};" for service in SERVICES), name)
        self.server.psql((HERE / "state.sql").read_text(), name)
        versions = Versions(self.server, name, directory, self.chance)
        versions.go(19)
        if tasks:
            subprocess.run([self.arguments.generate, "--url", self.server.url(name), "--task-set", str(tasks),
                            "--seed", str(self.arguments.seed)], check=True, stdout=subprocess.DEVNULL)
            self.write_odd_json(name)
        return versions

    def write_odd_json(self, name):
        """Every second task gets one."""
        for number, (of, data, _) in enumerate(ODD_JSON):
            self.server.psql(
                f"""update queue_tasks_entities e
                    set value = e.value || entity_buf_encode('{{}}', '{of}', {reference_runner.quoted(data)})
                    from (select partition_key, row_number() over (order by partition_key) as i
                          from queue_tasks_entities) k
                    where e.partition_key = k.partition_key and k.i % {2 * len(ODD_JSON)} = {2 * number}""", name)

    def must_keep_odd_json(self, name):
        for of, data, kind in ODD_JSON:
            kept = "#>> '{}'" if kind == "string" else "::text"
            same = "" if kind == "string" else "::jsonb::text"
            found = self.server.value(
                f"select count(*) from tasks where jsonb_typeof({of}) = '{kind}' "
                f"and {of} {kept} = {reference_runner.quoted(data)}{same}", name)
            self.must(int(found) >= self.arguments.tasks // (2 * len(ODD_JSON)), f"{found} tasks keep the {of} {data}")

    def answers(self, name, label):
        self.server.psql(f"call state.save_answers('{label}')", name)

    def same(self, name, one, other, what):
        for row in self.server.psql(f"select part, rows_one, rows_other, left(only_one, 500), left(only_other, 500) "
                                    f"from state.differences('{one}', '{other}')", name):
            self.must(False, f"{what}: {row}")

    def contents(self):
        name = "contents"
        versions = self.database_at_19(name, tasks=self.arguments.tasks)
        self.server.psql("call state.save_tables('tables at 19')", name)
        self.answers(name, "answers at 19")
        schema_at_19 = self.schema(name)
        for turn in range(5):
            for goal in (20, 19):
                versions.batches = self.chance.choice((0, 1, 3, 8, 20))
                if versions.batches == 0:
                    versions.batches = None
                versions.go(goal)
                self.answers(name, "answers now")
                self.same(name, "answers at 19", "answers now", f"turn {turn}, after {versions.batches} batches to {goal}")
        versions.batches = None
        versions.go(20)
        for table in ("queue_tasks", "queue_task_groups", "queue_task_group_members", "queue_task_group_active_sets",
                      "queue_task_requirements", "queue_task_dependencies"):
            self.must(self.server.value(f"select count(*) from {table}_entities", name) == "0", f"{table} is not empty")
        self.must_keep_odd_json(name)
        self.server.psql("select queue_tasks_entities_create(partition_key_out, row_key_out, value_out, true, 1) "
                         "from queue_tasks_entities_scan(null, null, null, 1000000, 0)", name)
        self.answers(name, "answers now")
        self.same(name, "answers at 19", "answers now", "tasks written as they were read")
        versions.go(21)
        self.answers(name, "answers now")
        self.same(name, "answers at 19", "answers now", "version 21")
        versions.go(19)
        self.server.psql("call state.save_tables('tables now')", name)
        self.same(name, "tables at 19", "tables now", "the tables after the way back")
        self.must(self.schema(name) == schema_at_19, "the schema after the way back is another one")

    def schema(self, name):
        return [line for line in self.server.dump_schema(name, ("dbtool", "state", "client")) if line]

    def project(self, form, directory):
        for name in ("versions", "schema"):
            shutil.copytree(ROOT / name, directory / name)
        shutil.copy(ROOT / "dbtool.yml", directory)
        if form == "blocking":
            shutil.copy(ROOT / "test" / "cases" / "blocking-20" / "0020.yml", directory / "versions")
        elif form == "declared":
            declared_20.lay(directory)
        return directory

    def forms(self):
        contents = {}
        with tempfile.TemporaryDirectory() as directory:
            for name in ("functions", "blocking", "declared"):
                project = self.project(name, pathlib.Path(directory) / name)
                versions = self.database_at_19(name, project, self.arguments.tasks)
                if name == "declared":
                    versions = DeclaredVersions(
                        Dbtool(self.arguments.dbtool, self.server, "-C", str(project), "--url", self.server.url(name)))
                contents[name] = self.form(name, versions)
        for name in ("blocking", "declared"):
            self.must(contents["functions"] == contents[name], f"the {name} form ends with other rows")

    def form(self, name, versions):
        """Up, back and up again; returns what is there at versions 20 and 21."""
        self.server.psql("call state.save_tables('tables at 19')", name)
        self.answers(name, "answers at 19")
        schema = self.schema(name)
        found = []
        # Version 21 takes up either form, and either takes up what its downgrade leaves.
        for highest in (20, 21):
            for goal in range(20, highest + 1):
                versions.go(goal)
                self.answers(name, "answers now")
                self.same(name, "answers at 19", "answers now", f"{name} form, version {goal}")
                found += [self.server.psql(f"select to_jsonb(t) - 'etag' from {table} t order by 1", name)
                          for table in ("tasks", "task_groups", "task_dependencies")]
            if highest == 21:
                found.append(self.schema(name))
                versions.go(20)
                self.answers(name, "answers now")
                self.same(name, "answers at 19", "answers now", f"{name} form, back at version 20")
            versions.go(19)
            self.server.psql("call state.save_tables('tables now')", name)
            self.same(name, "tables at 19", "tables now", f"the way back from {highest} of the {name} form")
            self.must(self.schema(name) == schema, f"the schema after the way back from {highest} of the {name} form")
        return found

    def operations(self, number):
        """Statements for client `number`, and what they must come to: {task: (counted, resolved, satisfied)}."""
        chance = random.Random(f"{self.arguments.seed} {number}")
        tasks = {i: [0, False, False] for i in range(1, 401) if i % CLIENTS == number}
        statements, shared, newest = [], 0, 1000 * (number + 1)
        for _ in range(self.arguments.operations):
            operation = chance.choices(("create_task", "count_up", "resolve", "satisfy", "remove", "shared"),
                                       (15, 35, 15, 15, 6, 14))[0]
            i = chance.choice(list(tasks))
            if operation == "create_task":
                newest += 1
                i = newest
                tasks[i] = [0, False, False]
            elif operation == "count_up":
                tasks[i][0] += 1
            elif operation == "resolve":
                tasks[i][1] = True
            elif operation == "satisfy":
                tasks[i][2] = True
            elif operation == "remove":
                del tasks[i]
            else:
                operation, i, shared = "count_up", 0, shared + 1
            statements.append(f"call client.attempt('{operation}', {i});")
        return "set role ci_queue;\n" + "\n".join(statements), tasks, shared

    def services(self):
        name = "services"
        versions = self.database_at_19(name)
        self.server.psql((HERE / "tasks_client.sql").read_text(), name)
        self.server.psql("set role ci_queue; select client.create_task(i) from generate_series(0, 400) i", name)
        expected, shared, clients = {}, 0, []
        for number in range(CLIENTS):
            statements, tasks, counted = self.operations(number)
            expected.update(tasks)
            shared += counted
            script = tempfile.TemporaryFile("w+")
            script.write(statements)
            script.seek(0)
            clients.append(subprocess.Popen(
                [client("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.server.url(name), "-f", "-"],
                stdin=script, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                env=self.server.environment(), cwd="/"))
        while any(process.poll() is None for process in clients):
            for goal in (20, 19):
                versions.batches = self.chance.choice((2, 10, 30, None))
                versions.go(goal)
        for process in clients:
            errors = process.stderr.read()
            self.must(process.returncode == 0, f"a client failed: {errors}")
        expected[0] = (shared, False, False)
        for goal, batches in ((20, None), (19, 1), (20, 3), (19, None)):
            versions.batches = batches
            versions.go(goal)
            self.compare_services(name, f"at {versions.version()}, {batches or 'all'} batches", expected)

    def compare_services(self, name, when, expected):
        ids = ",".join(map(str, expected))
        names = {int(i): task for i, task in
                 self.server.psql(f"select i, client.task(i) from unnest('{{{ids}}}'::integer[]) i", name)}
        there = self.server.psql("select * from client.tasks()", name)
        self.must(len(there) == len({row[0] for row in there}), f"{when}: a task is there twice")
        found = {row[0]: row[1:] for row in there}
        lost, back = set(names.values()) - set(found), set(found) - set(names.values())
        self.must(not lost and not back, f"{when}: {len(lost)} tasks lost, {len(back)} came back")
        for i, (counted, resolved, satisfied) in expected.items():
            wanted = [str(counted), "t", "f" if resolved else "t", "t", "f" if satisfied else "t"]
            if names[i] in found:
                self.must(found[names[i]] == wanted, f"{when}: task {i} is {found[names[i]]}, not {wanted}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--generate", required=True)
    parser.add_argument("--tasks", type=int, default=400)
    parser.add_argument("--operations", type=int, default=500, help="of each client")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("contents", "services", "forms"))
    arguments = parser.parse_args()
    with PrivateServer() as server:
        for service in SERVICES:
            server.psql(f"create role ci_{service} login")
        test = Test(server, arguments)
        for part in ("contents", "services", "forms"):
            if arguments.only in (None, part):
                getattr(test, part)()
                print(f"{part}: {'ok' if not test.faults else f'{test.faults} faults so far'}", flush=True)
    sys.exit(1 if test.faults else 0)


if __name__ == "__main__":
    main()
