#!/usr/bin/env python3
"""Bad input and bad luck, each with the real binary on a real server: the exit code, what is said, and that nothing has
changed.

    refusals.py --dbtool BINARY [--only NAME]
"""
import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "support"))
sys.path.insert(0, str(HERE.parent))
import small_project  # noqa: E402
from private_server import Dbtool, PrivateServer  # noqa: E402

SECRET = "s3cret-of-nobody"


@dataclasses.dataclass
class Case:
    """One thing that goes wrong at version 2, on the way to version 3 unless `words` say otherwise."""
    name: str
    exit_code: int
    says: list  # regular expressions that stdout and stderr together must match
    words: list = dataclasses.field(default_factory=lambda: ["upgrade"])
    third: str = None  # text of version 3
    settings: str = "name: office\nuserPrefix: office\n"
    before: str = ""  # SQL that spoils the database beforehand
    user: str = "postgres"
    url: str = None  # instead of the database of the case; {server} is the socket's directory
    spoil: object = None  # called with the project's directory, at version 2
    start_at: int = 2
    environment: dict = dataclasses.field(default_factory=dict)


FORTY_LINES = "\n".join(["-- line"] * 34 + ["alter table notes add column pinned boolean;", "selct 1;"])
LONG_SCRIPT = small_project.version_3(FORTY_LINES)


def append(file, text):
    def spoil(directory):
        with open(directory / file, "a") as opened:
            opened.write(text)
    return spoil


def replace(file, old, new):
    def spoil(directory):
        text = (directory / file).read_text()
        assert old in text
        (directory / file).write_text(text.replace(old, new))
    return spoil


def remove(file):
    return lambda directory: (directory / file).unlink()


CASES = [
    # The way to the database
    Case("wrong password", 6, ["password"], url=f"postgresql://locked:{SECRET}@/postgres?host={{server}}"),
    Case("no database", 6, ["nowhere", "does not exist"], url="postgresql://postgres@/nowhere?host={server}"),
    Case("no server", 6, ["/tmp/no-such-directory"], url="postgresql://postgres@/x?host=/tmp/no-such-directory"),
    Case("malformed URL with a password", 6, [], url=f"postgresql://u:{SECRET}@:x:y/%zz"),
    Case("no such role", 6, ["stranger"], url="postgresql://stranger@/postgres?host={server}"),
    Case("read-only by setting", 6, ["read.only"],
         before="alter database {database} set default_transaction_read_only = on"),
    Case("no database named at all", 2, ["--url", "DBTOOL_URL"], url=""),
    Case("two ways to name it", 2, ["--url", "--target|--local"], words=["--local", "upgrade"]),
    # What is demanded of it
    Case("server too old", 6, [">=99"], settings="userPrefix: office\nserver: '>=99'\n"),
    Case("sort order", 6, ["[Ss]ort"], settings="userPrefix: office\nsortOrder: 'a < A < 0'\n"),
    Case("another environment's name", 1, ["office", "elsewhere"], settings="userPrefix: office\nname: elsewhere\n"),
    Case("role without rights", 1, ["visitor|permission|right|own"], user="visitor"),
    Case("service user missing", 1, ["nobase_desk"], settings="name: office\nuserPrefix: nobase\n"),
    Case("extension that there is not", 1, ["no_such_extension"],
         settings="name: office\nuserPrefix: office\nextensions: [no_such_extension]\n"),
    Case("role that there is not", 1, ["no_such_role"], settings="name: office\nuserPrefix: office\nrole: no_such_role\n"),
    # The version row
    Case("version row says 7000", 1, ["7[,.]?000"], before="update dbtool.version set version = 7000"),
    Case("version row says less than nothing", 1, ["-1"], before="update dbtool.version set version = -1"),
    Case("two version rows", 1, ["dbtool.version", "rows|two|2"], before="insert into dbtool.version values (1)"),
    Case("no version row", 1, ["dbtool.version", "no row|empty|none|0 rows"], before="delete from dbtool.version"),
    # Scripts
    Case("syntax error in line 40", 1, [r"versions/0003\.yml:40:5", "selct", "42601|syntax error"], third=LONG_SCRIPT),
    Case("script runs commit", 2, [r"versions/0003\.yml:6:5", "commit"],
         third=small_project.version_3("alter table notes add column pinned boolean;\ncommit;")),
    Case("script runs rollback", 2, [r"versions/0003\.yml:6:5", "rollback"],
         third=small_project.version_3("alter table notes add column pinned boolean;\nrollback;")),
    Case("script runs commit where nobody can see it", 1, [r"versions/0003\.yml", "0A000|transaction commands"],
         third=small_project.version_3("alter table notes add column pinned boolean;\nexecute 'com' || 'mit';")),
    Case("script calls a procedure that commits", 1, [r"versions/0003\.yml", "2D000|transaction termination"],
         before="create procedure sly() as $$ begin commit; end $$ language plpgsql",
         third=small_project.version_3("alter table notes add column pinned boolean;\ncall sly();")),
    Case("script fails at its end", 1, [r"versions/0003\.yml:8", "division by zero", "22012"],
         third=small_project.version_3("alter table notes add column pinned boolean;\ncreate table x (i int);\n"
                                       "insert into notes values (5, 'x', 'y', true);\nperform 1 / 0;")),
    Case("script meets a table that was dropped by hand", 1, ["notes"], before="drop table notes"),
    Case("verify says false", 1, ["select false"],
         third=small_project.version_3(extra="verify: {upgrade: [select false]}\n")),
    Case("verify says nothing", 1, ["select null"],
         third=small_project.version_3(extra="verify: {upgrade: ['select null::boolean']}\n")),
    Case("downgrade script fails", 1, [r"versions/0002\.yml|version 2", "nope"], words=["downgrade", "1", "--yes", "office"],
         spoil=None, before="create view nope as select author from notes"),
    # Goals and words
    Case("goal above the newest", 2, ["7", "3"], words=["upgrade", "7"]),
    Case("upgrade to below the present", 2, ["1", "2"], words=["upgrade", "1"]),
    Case("downgrade to above the present", 2, ["3", "2"], words=["downgrade", "3"]),
    Case("downgrade to nothing in particular", 2, ["GOAL|goal"], words=["downgrade"]),
    Case("no number", 2, ["soon"], words=["upgrade", "soon"]),
    Case("misspelt command", 2, ["upgrade"], words=["upgrad"]),
    Case("downgrade that loses data, unasked", 2, ["all notes", "--yes"], words=["downgrade", "0"]),
    Case("the wrong name typed", 2, ["office"], words=["downgrade", "0", "--yes", "prod"]),
    Case("protected, unasked", 2, ["--yes office"],
         settings="name: office\nuserPrefix: office\nprotected: true\n"),
    # Files
    Case("unknown key", 2, [r"versions/0003\.yml:\d+:\d+", "migrationScrpt", "migrationScript"],
         spoil=replace("versions/0003.yml", "migrationScript", "migrationScrpt")),
    Case("not YAML", 2, [r"versions/0003\.yml:\d+:\d+"], spoil=append("versions/0003.yml", "a: [b\nc: }\n")),
    Case("a gap in the versions", 2, ["2"], spoil=remove("versions/0002.yml")),
    Case("tables.yml in both places", 2, ["tables.yml"], spoil=append("tables.yml", "notes: {}\n")),
    Case("an applied version was changed", 1, [r"2", "changed|differs|checksum", "--accept-changed"],
         spoil=replace("versions/0002.yml", "author text", "author  text")),
]


class Stage:
    """Makes the database and the project of a case, runs it, and looks."""

    def __init__(self, server, binary):
        self.server, self.binary = server, binary

    def content(self, database):
        """Everything in it but the ledger, whose note of a failed run is no change."""
        rows = self.server.psql("select * from notes order by 1", database) if self.exists(database, "notes") else []
        return (self.server.dump_schema(database), rows,
                self.server.psql("select version from dbtool.version order by 1", database))

    def exists(self, database, table):
        return self.server.value(f"select to_regclass('{table}') is not null", database) == "t"

    def dbtool(self, directory, database, case=None):
        if case and case.url is not None:
            url = ["--url", case.url.format(server=self.server.directory)] if case.url else []
        else:
            url = ["--url", self.server.url(database, case.user if case else "postgres")]
        return Dbtool(self.binary, self.server, "-C", str(directory), *url, environment=case.environment if case else {})

    def make(self, directory, database, at):
        small_project.write(directory)
        self.server.create_database(database)
        done = self.dbtool(directory, database).run("upgrade", str(at))
        if done.returncode != 0:
            raise RuntimeError(f"upgrade {at}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        self.server.psql("insert into notes (note_id, note) values (1, 'one'), (2, 'two')", database)

    def play(self, case, directory, database):
        """What is wrong with how dbtool took it: a list of texts."""
        self.make(directory, database, case.start_at)
        small_project.write(directory, case.third, case.settings)
        if case.before:
            self.server.psql(case.before.format(database=f'"{database}"'), database)
        if case.spoil:
            case.spoil(directory)
        before = self.content(database)
        done = self.dbtool(directory, database, case).run(*case.words)
        said = done.stdout + done.stderr
        faults = []
        if done.returncode != case.exit_code:
            faults.append(f"exit {done.returncode}, expected {case.exit_code}")
        faults += [f"does not say /{pattern}/" for pattern in case.says if not re.search(pattern, said)]
        if SECRET in said:
            faults.append("tells the password")
        if self.content(database) != before:
            faults.append("changed the database")
        return faults + ([said] if faults else [])


def check_finds(stage, directory, database, spoil, says):
    """A change by hand at the newest version: check tells, with exit code 3."""
    stage.make(directory, database, 3)
    stage.server.psql(spoil, database)
    done = stage.dbtool(directory, database).run("check")
    said = done.stdout + done.stderr
    faults = [f"exit {done.returncode}, expected 3"] if done.returncode != 3 else []
    return faults + [f"does not say /{pattern}/: {said}" for pattern in says if not re.search(pattern, said)]


BY_HAND = {
    "table dropped by hand": ("drop table notes", ["notes"]),
    "column dropped by hand": ("alter table notes drop column pinned", ["pinned"]),
    "column's type changed by hand": ("alter table notes alter pinned type text", ["pinned", "boolean", "text"]),
    "table made by hand": ("create table scratch_pad (i integer)", ["scratch_pad"]),
    "grant taken by hand": ("revoke insert on notes from office_desk", ["office_desk", "notes"]),
    "method dropped by hand": ("drop function note_add", ["note_add"]),
    "method changed by hand": ("create or replace function note_add(note_id_in integer, note_in text) returns void as "
                               "$$ begin end $$ language plpgsql", ["note_add"]),
    "method made somebody's security definer": ("alter function note_add security definer", ["note_add", "security"]),
}


def read_only_server(stage, directory, database):
    """A hot standby takes no upgrade."""
    stage.make(directory, database, 2)
    with stage.server.replica() as standby:
        done = Dbtool(stage.binary, standby, "-C", str(directory), "--url", standby.url(database)).run("upgrade")
        said = done.stdout + done.stderr
    faults = [f"exit {done.returncode}, expected 6\n{said}"] if done.returncode != 6 else []
    return faults + ([] if re.search("read.only|standby|recovery", said) else [f"does not say why: {said}"])


def full_disk(stage, directory, database):
    """The database's files lie in a small file system, which the script fills."""
    small_project.write(directory)
    disk = stage.server.directory / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        print(f"full disk: SKIPPED, no tmpfs may be mounted here: {mounted.stderr.strip()}")
        return []
    try:
        space = disk / "space"
        space.mkdir()
        os.chown(space, stage.server.account.get("user", os.geteuid()), -1)
        stage.server.psql(f"create tablespace small location '{space}'")
        stage.server.psql(f"create database \"{database}\" template template0 tablespace small")
        dbtool = stage.dbtool(directory, database)
        dbtool.run("upgrade", "2")
        filler = small_project.version_3("insert into notes select i, repeat(md5(i::text), 200) from generate_series(1, 300000) i;\n"
                                         "alter table notes alter note set storage external;")
        small_project.write(directory, filler)
        before = stage.content(database)
        done = dbtool.run("upgrade")
        said = done.stdout + done.stderr
        faults = [] if done.returncode == 1 and re.search("No space left|53100", said) else [f"exit {done.returncode}\n{said}"]
        faults += [] if stage.content(database) == before else ["changed the database"]
        small_project.write(directory)
        after = dbtool.run("upgrade")
        return faults + ([] if after.returncode == 0 else [f"with room again: exit {after.returncode}\n{after.stderr}"])
    finally:
        stage.server.psql(f'drop database if exists "{database}" with (force)')
        stage.server.psql("drop tablespace if exists small")
        subprocess.run(["umount", disk])


def closed_pipe(stage, directory, database):
    """A reader that goes away ends dbtool quietly, and never in the middle of something."""
    stage.make(directory, database, 2)
    faults = []
    for words in (["status"], ["history"], ["upgrade", "--dry-run"], ["upgrade"]):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = subprocess.run([*stage.dbtool(directory, database).command, *words], stdin=subprocess.DEVNULL,
                              stdout=write_end, stderr=subprocess.PIPE, text=True, env=stage.server.environment())
        os.close(write_end)
        if done.returncode not in (0, -13, 141) or re.search("[Ee]rror|[Ee]xception|pipe", done.stderr):
            faults.append(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
    if stage.server.value("select version from dbtool.version", database) not in ("2", "3"):
        faults.append("left between versions")
    return faults


def locked_table(stage, directory, database):
    """Somebody holds the table: retries, then an error that names the blocker."""
    stage.make(directory, database, 2)
    holder = subprocess.Popen(["psql", "-X", "-q", "-d", stage.server.url(database), "-c",
                               "begin; lock table notes; select pg_sleep(600)"], env=stage.server.environment(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        pid = ""
        while not pid:
            rows = stage.server.psql("select pid from pg_locks where relation = 'notes'::regclass and granted", database)
            pid = rows[0][0] if rows else ""
        done = stage.dbtool(directory, database).run("--lock-timeout", "300ms", "--lock-retries", "3", "upgrade")
    finally:
        holder.kill()
        holder.wait()
        stage.server.psql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")
    said = done.stdout + done.stderr
    return [] if done.returncode == 1 and pid in said else [f"exit {done.returncode}, blocker {pid}\n{said}"]


OTHERS = {"read-only server": read_only_server, "full disk": full_disk, "closed pipe": closed_pipe, "locked table": locked_table}


def make_server_ready(server):
    """Roles of the cases; one of them needs a password."""
    server.psql(f"create role locked login password 'right-{SECRET}'; create role visitor login; create role office_desk login")
    rules = server.data / "pg_hba.conf"
    rules.write_text("local all locked scram-sha-256\n" + rules.read_text())
    server.psql("select pg_reload_conf()")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--only", help="cases whose name holds this")
    arguments = parser.parse_args()
    plays = {case.name: lambda stage, d, db, case=case: stage.play(case, d, db) for case in CASES}
    plays |= {name: lambda stage, d, db, by=by: check_finds(stage, d, db, *by) for name, by in BY_HAND.items()}
    plays |= OTHERS
    bad = 0
    with PrivateServer() as server:
        make_server_ready(server)
        stage = Stage(server, arguments.dbtool)
        for number, (name, play) in enumerate(plays.items()):
            if arguments.only and arguments.only not in name:
                continue
            with tempfile.TemporaryDirectory() as directory:
                faults = play(stage, pathlib.Path(directory), f"case_{number}")
            bad += bool(faults)
            print(f"{name}: {'ok' if not faults else 'FAULT'}", *faults, sep="\n  ", flush=True)
            server.drop_database(f"case_{number}")
    print(f"{bad} of {len(plays)} cases are bad")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
