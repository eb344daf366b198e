#!/usr/bin/env python3
"""Every version of the shipped database, with rows in it: up, contents compared, down, compared again, up again.

    every_version.py --dbtool BINARY --generate BINARY [--tasks N] [--from V] [--to V] [--seed S] [--reference]

What must be the same: the schema and every row after up and down; the answers of the old functions before and after up;
the schema and every row of the two times up. With --reference the reference runner runs the versions instead of dbtool.
"""
import argparse
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))
from private_server import Dbtool, PrivateServer  # noqa: E402

SERVICES = ("auth", "github", "hooks", "index", "notify", "purge_cache", "secrets", "web_server", "worker_manager", "queue")
DATABASE = "shipped"


class Shipped:
    def __init__(self, server, arguments):
        self.server, self.arguments, self.faults = server, arguments, 0
        self.dbtool = Dbtool(arguments.dbtool, server, "-C", str(ROOT), "--url", server.url(DATABASE))

    def go(self, way, version):
        if self.arguments.reference:
            command = [ROOT / "test" / "support" / "reference_runner", "--url", self.server.url(DATABASE), "--directory", ROOT,
                       "--user-prefix", "ci", "--extension", "pgcrypto", str(version)]
            done = subprocess.run(command, capture_output=True, text=True, env=self.server.environment())
        else:
            # Rows of tables that were never entities are lost on the way down: downgrades may ask, and are told yes.
            options = ["--yes", "ci"] if way == "downgrade" else []
            done = self.dbtool.run(way, str(version), *options)
        if done.returncode != 0:
            sys.exit(f"{way} {version}: exit {done.returncode}\n{done.stdout}{done.stderr}")

    def schema(self):
        return self.server.dump_schema(DATABASE, exclude_schemas=("dbtool", "state"))

    def save(self, label, answers=False):
        self.server.psql(f"call state.save_tables('{label}');", DATABASE)
        if answers:
            self.server.psql(f"call state.save_answers('{label} answers');", DATABASE)

    def compare_rows(self, what, one, other):
        for part, rows_one, rows_other, only_one, only_other in self.server.psql(
                f"select part, rows_one, rows_other, left(only_one, 3000), left(only_other, 3000) "
                f"from state.differences('{one}', '{other}')", DATABASE):
            self.faults += 1
            print(f"{what}: {part} differs, {rows_one} rows before, {rows_other} after\n  - {only_one}\n  + {only_other}")

    def compare_schema(self, what, one, other):
        if one != other:
            self.faults += 1
            print(f"{what}: the schema differs")
            print("\n".join(list(difflib.unified_diff(one, other, "before", "after", lineterm="", n=2))[:60]))

    def prepare(self):
        for service in SERVICES:
            self.server.psql(f"create role ci_{service} login")
        self.server.create_database(DATABASE)
        self.server.psql((HERE.parent / "state.sql").read_text(), DATABASE)
        self.go("upgrade", 3)
        subprocess.run([self.arguments.generate, "--url", self.server.url(DATABASE), "--all-kinds",
                        str(self.arguments.tasks), "--seed", str(self.arguments.seed)], check=True, stdout=subprocess.DEVNULL)
        self.server.psql((HERE.parent / "rows.sql").read_text(), DATABASE)

    def cycle(self, version):
        """From version − 1 to version, back, and there again."""
        self.save("before", answers=True)
        schema_before = self.schema()
        self.go("upgrade", version)
        self.save("up", answers=True)
        schema_up = self.schema()
        self.compare_rows(f"answers of the old functions, upgrade {version}", "before answers", "up answers")
        self.go("downgrade", version - 1)
        self.save("down", answers=True)
        self.compare_schema(f"up to {version} and down", schema_before, self.schema())
        self.compare_rows(f"up to {version} and down", "before", "down")
        self.compare_rows(f"answers of the old functions, downgrade from {version}", "before answers", "down answers")
        self.go("upgrade", version)
        self.save("again")
        self.compare_schema(f"up to {version} a second time", schema_up, self.schema())
        self.compare_rows(f"up to {version} a second time", "up", "again")


def newest_version():
    return max(int(file.stem) for file in (ROOT / "versions").glob("*.yml"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", default="dbtool")
    parser.add_argument("--generate", required=True)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=4)
    parser.add_argument("--to", dest="last", type=int, default=newest_version())
    parser.add_argument("--reference", action="store_true")
    arguments = parser.parse_args()
    with PrivateServer() as server:
        shipped = Shipped(server, arguments)
        shipped.prepare()
        if arguments.first > 4:
            shipped.go("upgrade", arguments.first - 1)
        for version in range(arguments.first, arguments.last + 1):
            shipped.cycle(version)
            print(f"version {version}: {'ok' if not shipped.faults else f'{shipped.faults} faults so far'}", flush=True)
        if not arguments.reference:
            check = shipped.dbtool.run("check")
            if check.returncode != 0:
                shipped.faults += 1
                print(f"check: exit {check.returncode}\n{check.stdout}{check.stderr}")
    sys.exit(1 if shipped.faults else 0)


if __name__ == "__main__":
    main()
