#!/usr/bin/env python3
"""What programs read of dbtool, from the real binary on a real server, against the schemas: SARIF, JUnit, dbtool's own
JSON; that exit codes, --fail-on and errors of --output are as documented; that no secret and no odd byte gets through.

    reports.py --dbtool BINARY
"""
import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

import jsonschema

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))
sys.path.insert(0, str(ROOT / "test" / "database" / "refusals"))
import small_project  # noqa: E402
from private_server import Dbtool, PrivateServer  # noqa: E402

SECRET = "s3cret-of-nobody"
OUTPUT_SCHEMA = json.loads((ROOT / "lib" / "report" / "output.schema.json").read_text())
REHEARSAL_SCHEMA = json.loads((ROOT / "lib" / "report" / "rehearsal.schema.json").read_text())
SARIF_SCHEMA = json.loads((ROOT / "test" / "support" / "sarif" / "sarif-schema-2.1.0.json").read_text())
JUNIT_SCHEMA = ROOT / "test" / "support" / "junit" / "junit.xsd"
# More findings than kinds of rule: a column that lost its not null, one too many, an odd name, a foreign grant.
DRIFT = f"""
alter table notes alter column author set not null;
alter table notes add column "odd <&> \x07 'name'" text;
alter table notes add column "postgres://u:{SECRET}@h/d" text;
revoke insert on notes from office_desk;
"""


def validate(value, definition):
    """Against one definition of dbtool's own schema."""
    jsonschema.Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": OUTPUT_SCHEMA["$defs"]}).validate(value)


def read_sarif(path):
    log = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SARIF_SCHEMA).validate(log)
    return log["runs"][0]


def read_junit(path):
    subprocess.run(["xmllint", "--noout", "--schema", JUNIT_SCHEMA, path], check=True, capture_output=True)
    root = xml.etree.ElementTree.parse(path).getroot()
    cases = root.findall("testsuite/testcase")
    assert int(root.get("tests")) == len(cases)
    assert int(root.get("failures")) == len(root.findall(".//failure"))
    assert int(root.get("errors")) == len(root.findall(".//error"))
    return cases


class Reports:
    def __init__(self, server, binary, directory):
        self.server, self.directory = server, directory
        self.project = directory / "repository" / "db"
        self.project.mkdir(parents=True)
        small_project.write(self.project)
        server.create_database("reports")
        server.psql("create role office_desk")
        self.binary = binary
        self.dbtool = Dbtool(binary, server, "-C", str(self.project), "--url", server.url("reports"))
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "three versions")

    def git(self, *words):
        subprocess.run(["git", "-C", self.project.parent, "-c", "user.name=n", "-c", "user.email=e@f", *words], check=True)

    def run(self, *words, exit_code, tool=None):
        done = (tool or self.dbtool).run(*words)
        assert done.returncode == exit_code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert SECRET not in done.stdout + done.stderr
        return done

    def check(self, *words, exit_code):
        """Runs check with a report of every kind, and returns what they say."""
        files = {kind: self.directory / kind for kind in ("junit", "sarif", "json")}
        outputs = [word for kind, file in files.items() for word in ("--output", f"{kind}={file}")]
        done = self.run("check", *outputs, *words, exit_code=exit_code)
        texts = [file.read_bytes() for file in files.values()]
        assert not any(SECRET.encode() in text for text in texts)
        self.run("check", *outputs, *words, exit_code=exit_code)
        assert texts == [file.read_bytes() for file in files.values()], "the same findings, other bytes"
        return done, read_junit(files["junit"]), read_sarif(files["sarif"]), json.loads(files["json"].read_text())

    def clean(self):
        done, cases, run, result = self.check(exit_code=0)
        assert done.stdout.startswith("office at 3: clean\n")
        assert len(cases) == 1 and not list(cases[0])
        assert run["results"] == [] and run["invocations"][0]["executionSuccessful"]
        validate(result, "check")
        assert result["clean"] and result["findings"] == []

    def findings(self):
        self.server.psql(DRIFT, "reports")
        done, cases, run, result = self.check(exit_code=3)
        validate(result, "check")
        count = len(result["findings"])
        assert count >= 4 and len(run["results"]) == count
        assert len({entry["partialFingerprints"]["dbtoolFinding/v1"] for entry in run["results"]}) == count
        uris = {entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                for entry in run["results"] if "physicalLocation" in entry["locations"][0]}
        assert "db/schema/tables.yml" in uris, uris
        assert all(len(case.findall("failure")) == 1 for case in cases)
        assert "expected" in cases[0].find("failure").get("message")
        assert json.loads(self.run("check", "--format", "json", exit_code=3).stdout) == result

    def github(self):
        lines = self.run("check", "--output", "github", exit_code=3).stdout.splitlines()
        assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines[:-1]), lines
        assert any(line.startswith("::error file=db/schema/tables.yml,line=") for line in lines), lines
        assert lines[-1].startswith("dbtool check: ")

    def fail_on(self):
        severities = {finding["severity"] for finding in self.json("check", exit_code=3)["findings"]}
        assert "error" in severities
        self.run("check", "--fail-on", "error", exit_code=3)
        self.run("check", "--fail-on", "never", exit_code=2)

    def json(self, *words, exit_code=0):
        return json.loads(self.run(*words, "--format", "json", exit_code=exit_code).stdout)

    def other_json(self):
        validate(self.json("status"), "status")
        validate(self.json("history"), "history")
        self.write_version(4, "alter tabel notes;")
        validate(self.json("status"), "status")
        failed = self.run("upgrade", "--format", "json", exit_code=1)
        events = [json.loads(line) for line in failed.stderr.splitlines()]
        for event in events:
            validate(event, "event")
        assert events[-1]["event"] == "error" and events[-1]["exit_code"] == 1
        self.write_version(4, "alter table notes add column colour text;")
        self.plan()
        moved = self.run("upgrade", "--format", "json", exit_code=3)  # the new column is not declared
        validate(json.loads(moved.stdout), "move")
        validate(self.json("history"), "history")

    def rehearsal(self):
        """Of the version that other_json made, on the same database marked as a copy."""
        self.run("downgrade", "3", "--yes", "reports", exit_code=0)
        self.server.psql("comment on database reports is 'dbtool: copy'", "reports")
        result = self.json("rehearse", "--on", self.server.url("reports"), exit_code=3)
        validate(result, "rehearse")
        written = pathlib.Path(result["file"])
        jsonschema.Draft202012Validator(REHEARSAL_SCHEMA).validate(json.loads(written.read_text()))
        assert result["rehearsal"]["steps"] and result["rehearsal"] == json.loads(written.read_text())["rehearsal"]
        written.unlink()
        written.parent.rmdir()

    def plan(self):
        """The plan of a version that alters a published table, before the upgrade to it."""
        self.server.psql("create publication feed for table notes", "reports")
        plan = self.json("plan")
        validate(plan, "plan")
        (listener,) = plan["steps"][0]["listeners"]
        assert (listener["kind"], listener["name"], listener["hears"]) == ("publication", "feed", ["notes"]), listener
        assert "publication feed: notes" in self.run("upgrade", "--dry-run", exit_code=0).stdout
        settings = self.project / "dbtool.yml"
        usual = settings.read_text()
        settings.write_text(usual + "\nwindow: {freezes: [{from: 2000-01-01, to: 2999-12-31}], shortDowntime: 1s}\n")
        in_window = self.json("plan", "--window", "1h", "--reserve", "1min")
        validate(in_window, "plan")
        assert len(in_window["against_window"]["problems"]) == 1, in_window["against_window"]
        settings.write_text(usual)
        without = self.json("plan", "--from", "3")
        validate(without, "plan")
        assert without["steps"][0]["listeners"] == []
        self.server.psql("drop publication feed", "reports")

    def environments(self):
        """Saved, without and with a benchmark, and compared."""
        plain, measured = (str(self.directory / name) for name in ("plain.json", "measured.json"))
        result = self.json("environment", "save", plain, "--no-benchmark")
        validate(result, "environment_save")
        assert not result["measured"] and result["measures"] == []
        result = self.json("environment", "save", measured)
        validate(result, "environment_save")
        assert {measure["work"] for measure in result["measures"]} >= {"scan_warm", "write", "index_build", "cpu", "commit"}
        compared = self.json("environment", "compare", plain, measured)
        validate(compared, "environment_compare")
        assert {one["reason"] for one in compared["conversions"]} == {"no benchmark was run there"}
        validate(self.json("environment", "compare", measured, "--benchmark"), "environment_compare")
        self.write_version(5, "update notes set note = note; create index on notes (note);")
        probed = self.json("environment", "probe")
        validate(probed, "environment_probe")
        assert [one["not_probed"] != "" for one in probed["statements"]] == [False, True], probed
        (self.project / "versions" / "0005.yml").unlink()

    def write_version(self, number, statement):
        text = small_project.version_3(statement).replace("version: 3", f"version: {number}").replace("pinned", "colour")
        (self.project / "versions" / f"{number:04}.yml").write_text(text)

    def interrupted(self):
        """The last event says what the program ends with."""
        self.write_version(5, "perform pg_sleep(300);")
        for sent in (signal.SIGINT, signal.SIGTERM):
            process = self.dbtool.start("upgrade", "--format", "json")
            sleeping = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
            for _ in range(600):
                if self.server.value(sleeping) != "0":
                    break
                time.sleep(0.1)
            process.send_signal(sent)
            error = json.loads(process.communicate(timeout=60)[1].splitlines()[-1])
            validate(error, "error")
            assert process.returncode == 128 + sent and error["exit_code"] == process.returncode, error
        (self.project / "versions" / "0005.yml").unlink()

    def lint(self):
        """Only what is new since a revision is judged, and what a release has must stay."""
        self.git("checkout", "-q", "-b", "work")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "version 4")
        # Version 4 is in here and not in main.
        self.write_version(5, "create index notes_note_idx on notes (note);")
        files = {kind: self.directory / f"lint.{kind}" for kind in ("junit", "sarif", "json")}
        outputs = [word for kind, file in files.items() for word in ("--output", f"{kind}={file}")]
        since = ["--since", "main"]
        files_only = Dbtool(self.binary, self.server, "-C", str(self.project))  # no rows make it worse or better
        self.run("lint", *since, *outputs, exit_code=3, tool=files_only)
        assert {case.get("name"): len(case.findall("failure")) for case in read_junit(files["junit"])} == {
            "version 4": 0, "version 5": 1}
        run = read_sarif(files["sarif"])
        assert [result["properties"]["version"] for result in run["results"]].count(5) == len(run["results"]) > 0
        assert all(rule["help"]["markdown"] for rule in run["tool"]["driver"]["rules"])
        place = run["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "db/versions/0005.yml" and place["region"]["startLine"] == 5
        validate(json.loads(files["json"].read_text()), "lint")
        assert json.loads(files["json"].read_text())["versions"] == 2
        assert self.json("lint", "--since", "HEAD", exit_code=3)["versions"] == 1  # its downgrade leaves the index
        assert self.json("lint", "..3", *since)["versions"] == 0
        self.run("lint", "--since", "nowhere", exit_code=2)

        self.git("checkout", "-q", "main")
        (self.project / "schema" / "releases.yml").write_text("v1.0.0: 3\n")
        self.git("add", "db/schema")
        self.git("commit", "-q", "-m", "a release")
        self.git("checkout", "-q", "work")
        self.git("rebase", "-q", "main")
        (self.project / "versions" / "0003.yml").write_text(small_project.version_3("alter table notes add pinned bool;"))
        found = self.json("lint", *since, exit_code=3)["findings"]
        assert "released-version-changed" in {finding["rule"] for finding in found}, found
        (self.project / "versions" / "0005.yml").unlink()
        self.git("checkout", "-q", "db/versions")

    def readme(self):
        """The commands of the workflows in the README, in a clone, as a job runs them."""
        clone = self.directory / "clone"
        subprocess.run(["git", "clone", "-q", "-b", "work", self.project.parent, clone], check=True)
        subprocess.run(["git", "fetch", "-q", "origin", "main"], cwd=clone, check=True)
        commands = re.findall(r"^ +- (?:run: )?dbtool (.*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
        assert len(commands) == 4 and any("--since" in command for command in commands), commands
        tool = Dbtool(self.binary, self.server, "-C", str(clone / "db"))
        undeclared = 3  # version 4's column
        try:
            for command in commands:
                command = command.replace("${{ github.base_ref }}", "main")
                words = re.sub(r"=(\w+\.\w+)", rf"={self.directory}/readme-\1", command).split()
                done = tool.run(*words)
                assert done.returncode in (0, undeclared), f"{command}: {done.returncode}\n{done.stderr}"
        finally:
            tool.run("local", "destroy")
        read_sarif(self.directory / "readme-dbtool.sarif")
        for name in ("dbtool", "lint", "check"):
            assert read_junit(self.directory / f"readme-{name}.xml")

    def errors(self):
        """An error is in the reports too, and complaints about files have their places."""
        (self.project / "versions" / "0002.yml").write_text("version: 2\nmethod: {}\n")
        files = {kind: self.directory / kind for kind in ("junit", "sarif", "json")}
        outputs = [word for kind, file in files.items() for word in ("--output", f"{kind}={file}")]
        self.run("check", *outputs, exit_code=2)
        assert all(case.find("error") is not None for case in read_junit(files["junit"]))
        run = read_sarif(files["sarif"])
        assert not run["invocations"][0]["executionSuccessful"]
        place = run["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "db/versions/0002.yml" and place["region"]["startLine"] >= 1
        validate(json.loads(files["json"].read_text()), "error")
        self.git("checkout", "-q", "db/versions")
        elsewhere = Dbtool(self.binary, self.server, "-C", str(self.project), "--url",
                           f"postgresql://u:{SECRET}@127.0.0.1:1/x")
        self.run("check", *outputs, exit_code=6, tool=elsewhere)
        assert all(SECRET not in file.read_text() for file in files.values())

    def unwritable(self):
        done = self.run("check", "--output", f"junit={self.directory}/no/such/folder.xml", exit_code=2)
        assert "cannot write" in done.stderr and "compared" not in done.stdout
        self.run("check", "--output", "juint=x", exit_code=2)
        self.run("check", "--output", "github", "--output", "sarif", exit_code=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--dbtool", required=True)
    arguments = parser.parse_args()
    with PrivateServer() as server, tempfile.TemporaryDirectory() as directory:
        reports = Reports(server, arguments.dbtool, pathlib.Path(directory))
        reports.run("upgrade", exit_code=0)
        for part in (reports.clean, reports.findings, reports.github, reports.fail_on, reports.other_json,
                     reports.environments, reports.rehearsal, reports.interrupted, reports.lint, reports.readme,
                     reports.errors, reports.unwritable):
            part()
            print(f"{part.__name__}: ok", flush=True)


if __name__ == "__main__":
    sys.exit(main())
