#!/usr/bin/env python3
"""The shipped project in scratch databases, with rows, and a live database against what it should be.

    scratch.py --dbtool BINARY --generate BINARY
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import jsonschema

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))
from private_server import Dbtool, PrivateServer, client  # noqa: E402

SERVICES = ("auth", "github", "hooks", "index", "notify", "purge_cache", "secrets", "web_server", "worker_manager", "queue")
OUTPUT_SCHEMA = json.loads((ROOT / "lib/report/output.schema.json").read_text(encoding="utf-8"))
# The rows of the project's own go in where the entities tables have just been made.
ROWS = """
[ "$DBTOOL_VERSION" = 2 ] || exit 0
set -e
{generate} --url "$DBTOOL_URL" --all-kinds 20 --task-set 50
{psql} -qX "$DBTOOL_URL" -v ON_ERROR_STOP=1 -f {respell}
"""


class Scratch:
    def __init__(self, server, arguments, directory):
        self.server, self.arguments = server, arguments
        self.project = directory / "project"
        for name in ("versions", "schema"):
            shutil.copytree(ROOT / name, self.project / name)
        shutil.copy(ROOT / "dbtool.yml", self.project)
        self.files = Dbtool(arguments.dbtool, server, "-C", str(self.project))
        self.live = Dbtool(arguments.dbtool, server, "-C", str(self.project), "--url", server.url("live"))

    def json(self, tool, *words, exit_code=0):
        done = tool.run("--format", "json", *words, timeout=240)
        assert done.returncode == exit_code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        value = json.loads(done.stdout)
        definition = "lint" if "lint" in words else "check_scratch" if "--scratch" in words else "check_save" if "--save" in words else "check"
        jsonschema.Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": OUTPUT_SCHEMA["$defs"]}).validate(value)
        return value

    def round_trips_with_rows(self):
        """Every shipped version goes up, down and up, and brings its rows back but for what it says it loses."""
        rows = ROWS.format(psql=client("psql"), generate=self.arguments.generate, respell=ROOT / "test/database/shipped/respell.sql")
        result = self.json(self.files, "check", "--scratch", "--data", "--data-command", rows)
        assert [one["version"] for one in result["versions"]] == list(range(1, 31))
        for finding in result["findings"]:
            assert finding["severity"] == "note", finding
            assert finding["rule"] == "rows-changed" and "says what it loses" in finding["advice"], finding
        assert {finding["version"] for finding in result["findings"]} == {20}, result["findings"]

    def saved_catalogs(self):
        """What is saved is what the versions make, until a version changes."""
        written = self.json(self.files, "check", "--save")
        assert len(written) == 30 and written[0] == "schema/catalog/0001.jsonl"
        assert self.json(self.files, "check", "--save") == []
        assert self.json(self.files, "check", "--scratch")["clean"]
        file = self.project / "schema/catalog/0012.jsonl"
        good = file.read_text()
        file.write_text(good.replace("hashed_access_token", "token") if "hashed" in good else good + "{}\n")
        stale = self.json(self.files, "check", "--scratch", exit_code=3)["findings"]
        assert [(one["rule"], one["file"]) for one in stale] == [("catalog-stale", "schema/catalog/0012.jsonl")], stale
        file.write_text(good)

    def plans_of_batches(self):
        """The shipped online version's batches take their rows by an index, asked in a database at version 20."""
        for server in ([], ["--scratch-url", self.server.url("postgres")]):
            result = self.json(self.files, "lint", "20", "--scratch", *server)
            assert result["clean"], result["findings"]
            assert result["plans"] >= 9, result["plans"]
            allowed = {one["file"] for one in result["allowed"] if one["rule"] == "online-batch-scans"}
            assert allowed == {"versions/0020-downgrade.sql"}, result["allowed"]
        assert self.json(self.files, "lint", "20")["plans"] == 0
        # Such a scan is what it looks for.
        file = self.project / "versions/0020-downgrade.sql"
        good = file.read_text()
        file.write_text(good.replace("where g.task_group_id > last_key", "where g.task_group_id || '' > last_key"))
        assert file.read_text() != good
        found = self.json(self.files, "lint", "20", "--scratch", exit_code=3)["findings"]
        assert [(one["rule"], one["object"]) for one in found] == [
            ("online-batch-scans", "function online_downgrade_v20_batch")], found
        file.write_text(good)

    def live_database(self):
        """A live database is what was declared at every version; what was changed by hand is found and mended."""
        for service in SERVICES:
            self.server.psql(f"create role ci_{service} login")
        self.server.create_database("live")
        for goal in (19, 20, 30):
            assert self.live.run("upgrade", str(goal)).returncode == 0
            for words in (["--full"], ["--full", "--saved"]):
                result = self.json(self.live, "check", *words)
                assert result["clean"] and result["compared"]["objects"] > 300, result
        for goal in (20, 19, 3):
            assert self.live.run("downgrade", str(goal), "--yes", "ci").returncode == 0
            assert self.json(self.live, "check", "--full", "--saved")["clean"]
        assert self.live.run("upgrade").returncode == 0

        self.server.psql("drop index tasks_task_group_id_idx; alter table tasks alter column retries set default 3;"
                         "create view by_hand as select 1 as one; grant update on tasks to ci_index", "live")
        found = self.json(self.live, "check", "--full", "--saved", exit_code=3)
        assert {one["object"] for one in found["findings"]} == {
            "index tasks_task_group_id_idx", "column tasks.retries", "view by_hand", "grant ci_index on tasks"}, found
        sql = self.live.run("check", "--sql", "--saved")
        assert sql.returncode == 3, sql.stderr
        subprocess.run([client("psql"), "-qX", "-v", "ON_ERROR_STOP=1", self.server.url("live")], input=sql.stdout, text=True,
                       check=True)
        assert self.json(self.live, "check", "--full", "--saved")["clean"]
        assert self.json(self.live, "check", "--sql", "--saved")["sql"] == ""
        assert self.live.run("check", "--sql", "--saved").stdout == "-- nothing to mend\n"

    def begin_command(self, temporary):
        """A check whose --data-command has begun and does not end."""
        begun = temporary / "begun"
        begun.unlink(missing_ok=True)
        tool = Dbtool(self.arguments.dbtool, self.server, "-C", str(self.project), environment={"TMPDIR": str(temporary)})
        process = tool.start("check", "--scratch", "--data", "--data-command", f"echo $$ > {begun}.new; mv {begun}.new {begun}; "
                             "trap '' TERM; sleep 600; sleep 600")
        while not begun.exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        return process, int(begun.read_text())

    def interrupted_and_killed(self):
        """Ctrl-C ends a check in the midst of its command; after kill -9 the next one clears up."""
        with tempfile.TemporaryDirectory(prefix="dbtool-tmp-", dir="/tmp") as directory:
            temporary = pathlib.Path(directory)
            temporary.chmod(0o777)
            process, command = self.begin_command(temporary)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=120)
            assert process.returncode == 130 and "stopped" in errors, (process.returncode, errors)
            assert not pathlib.Path(f"/proc/{command}/cwd").exists() and not list(temporary.glob("dbtool-*"))
            process, command = self.begin_command(temporary)
            process.kill()
            process.communicate()
            os.killpg(command, signal.SIGKILL)
            left = list(temporary.glob("dbtool-*"))
            assert left
            process, command = self.begin_command(temporary)
            assert not [path for path in left if path.exists()]
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)
            assert process.returncode == 143 and not list(temporary.glob("dbtool-*"))

    def contradictions(self):
        """What cannot be meant together is wrong usage."""
        for words in (["--full", "--scratch"], ["--sql", "--save"], ["--data"], ["--saved"], ["--seed", "1"],
                      ["--scratch-url", "postgresql:///x"], ["--scratch", "--local"]):
            done = self.files.run("check", *words)
            assert done.returncode == 2 and "error:" in done.stderr, (words, done.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--generate", required=True)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with PrivateServer() as server, tempfile.TemporaryDirectory(prefix="dbtool-scratch-") as directory:
        scratch = Scratch(server, arguments, pathlib.Path(directory))
        for part in (scratch.contradictions, scratch.interrupted_and_killed, scratch.round_trips_with_rows,
                     scratch.saved_catalogs, scratch.plans_of_batches, scratch.live_database):
            part()
            print(f"{part.__name__}: ok", flush=True)


if __name__ == "__main__":
    main()
