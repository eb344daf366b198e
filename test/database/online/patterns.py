#!/usr/bin/env python3
"""The patterns of online migrations, as `dbtool new --kind online` writes them, under services that never pause.

    patterns.py --dbtool BINARY [--rows N] [--only PATTERN]

Each pattern goes from version 1 to its last and back, two workers moving the rows, while clients insert, update, delete
and read rows through the functions of the service. After every version the clients rest for a moment: what the tables
hold must be what the journal says was committed, nothing lost, doubled or stale. In between, a client that reads its own
row must always find what it has written. What `new` writes is changed nowhere, must please lint, and must go up and down
in a throwaway database.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "test" / "support"))
from private_server import Dbtool, PrivateServer, client  # noqa: E402

CLIENTS = ("ann", "bob", "eve")
WAIT = 60  # seconds, for what takes a moment

VERSION_1 = """version: 1
description: notes
migrationScript: |-
  begin
    create table notes (
      owner text not null,
      number integer not null,
      body text not null,
      state text,
      primary key (owner, number)
    );
    grant select, insert, update, delete on notes to $db_user_prefix$_desk;
  end
downgradeScript: |-
  begin
    drop table notes;
  end
methods:
  papers_put:
    description: Write a row, whether it is there or not.
    mode: write
    serviceName: desk
    args: owner_in text, number_in integer, body_in text, state_in text
    returns: void
    body: |-
      begin
        insert into notes (owner, number, body, state)
        values (owner_in, number_in, body_in, state_in)
        on conflict (owner, number) do update set body = excluded.body, state = excluded.state;
      end
  papers_remove:
    description: Delete a row; returns whether there was one.
    mode: write
    serviceName: desk
    args: owner_in text, number_in integer
    returns: boolean
    body: |-
      begin
        {before_remove}delete from notes s where s.owner = owner_in and s.number = number_in;
        return found;
      end
  papers_get:
    description: The row with this key, if there is one.
    mode: read
    serviceName: desk
    args: owner_in text, number_in integer
    returns: table (owner text, number integer, body text, state text)
    body: |-
      begin
        return query
          select s.owner, s.number, s.body, s.state
          from notes s
          where s.owner = owner_in and s.number = number_in;
      end
"""

COLUMNS = ("owner: text not null", "number: integer not null", "body: text not null", "state: text")

# Tables of the newest version, and what holds the rows after versions 1, 2 and so on.
NOTES, PAPERS = "select owner, number, body, state from notes", "select owner, number, body, state from papers"
EMPTY = "select null, null, null, null where exists (select from notes)"
PATTERNS = {
    "dual-write": (("papers",), ((NOTES,), (NOTES, PAPERS), (PAPERS,))),
    "trigger": (("notes", "papers"), ((NOTES,), (NOTES, PAPERS))),
    "move": (("notes", "papers"), ((NOTES,), (NOTES,), (PAPERS, EMPTY))),
    "column": (("notes",), ((NOTES,), (NOTES + " where digest = md5(body)",))),
}


class Fault(Exception):
    pass


class Pattern:
    def __init__(self, server, arguments, name, directory, prefix="busy"):
        self.server, self.arguments, self.name = server, arguments, name
        self.tables, self.contents = PATTERNS[name]
        self.database = f"{prefix}_{name}".replace("-", "_")
        self.directory = pathlib.Path(directory) / name
        self.dbtool = Dbtool(arguments.dbtool, server, "-C", str(self.directory), "--url", server.url(self.database))

    def run(self, *words, expected=0, local=False):
        tool = Dbtool(self.arguments.dbtool, self.server, "-C", str(self.directory)) if local else self.dbtool
        done = tool.run(*words)
        if done.returncode != expected:
            raise Fault(f"dbtool {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def write_schema(self, tables):
        """tables.yml and access.yml; `dbtool new` reads them, `check` compares."""
        columns = "".join(f"  {column}\n" for column in COLUMNS)
        declared = "".join(f"{table}:\n{columns}" for table in tables)
        if self.name == "column" and (self.directory / "versions" / "0002.yml").exists():
            declared += "  digest: text\n"
        (self.directory / "schema" / "tables.yml").write_text(declared)
        access = "".join(f"    {table}: write\n" for table in tables)
        (self.directory / "schema" / "access.yml").write_text(f"desk:\n  tables:\n{access}")

    def write_project(self, before_remove=""):
        for folder in ("versions", "schema"):
            (self.directory / folder).mkdir(parents=True)
        (self.directory / "dbtool.yml").write_text("name: patterns\nuserPrefix: ci\n")
        (self.directory / "versions" / "0001.yml").write_text(VERSION_1.replace("{before_remove}", before_remove))
        self.write_schema(("notes",))
        copy = "digest" if self.name == "column" else "papers"
        self.run("new", "--kind", "online", "--pattern", self.name, "--table", "notes", "--copy", copy, "papers",
                 local=True)
        self.write_schema(self.tables)

    def judge(self):
        found = json.loads(self.run("lint", "--format", "json", local=True).stdout)["findings"]
        for finding in found:
            if finding["severity"] != "note":
                raise Fault(f"lint finds {finding}")
        self.run("check", "--scratch", "--data", local=True)

    def make_database(self):
        self.server.create_database(self.database)
        self.server.psql("create schema dbtool; grant usage on schema public to ci_desk", self.database)
        self.run("upgrade", "1")

    # -- clients ----------------------------------------------------------------------------------------------------

    def start_clients(self):
        self.server.psql((HERE / "patterns_client.sql").read_text(), self.database)
        rows = self.arguments.rows
        self.server.psql(
            f"""insert into client.journal
                select owner, number, 'first', 'state' from unnest('{{{",".join(CLIENTS)},all}}'::text[]) owner,
                  generate_series(1, {rows}) number
                where number % 5 <> 0 and (owner <> 'all' or number <= 20);
                insert into notes (owner, number, body, state) select * from client.journal;
                vacuum analyze notes""", self.database)
        self.clients = [
            subprocess.Popen([client("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.server.url(self.database),
                              "-c", f"call client.work('{name}', {rows})"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             env=self.server.environment(), cwd="/")
            for name in CLIENTS]
        self.let_end_calls()

    def value(self, query):
        return self.server.value(query, self.database)

    def wait(self, query, what):
        limit = time.monotonic() + WAIT
        while self.value(query) != "t":
            for process in self.clients:
                if process.poll() is not None:
                    raise Fault(f"a client has ended: {process.communicate()}")
            if time.monotonic() > limit:
                raise Fault(f"{what}: not within {WAIT} s")
            time.sleep(0.01)

    def let_end_calls(self):
        """Waits until no call is under way that had begun before."""
        before = dict(self.server.psql("select client, turns + repeated from client.clients", self.database))
        turned = " and ".join(f"(select turns + repeated >= {int(before.get(name, 0)) + 2} from client.clients "
                              f"where client = '{name}')" for name in CLIENTS)
        self.wait(f"select coalesce({turned}, false)", "the clients take no turns")

    def compare(self, when, queries):
        self.server.psql("update client.orders set pause = true", self.database)
        self.wait(f"select count(*) = {len(CLIENTS)} from client.clients where rests", "the clients do not rest")
        for query in queries:
            journal = "select owner, number, body, state from client.journal" if query != EMPTY else \
                "select null, null, null, null where false"
            for what, one, other in (("lost or stale", journal, query), ("too many or stale", query, journal)):
                rows = self.server.psql(f"select * from (({one}) except all ({other})) d limit 3", self.database)
                if rows:
                    raise Fault(f"{when}: {what} in {query}: {rows}")
        self.server.psql("update client.orders set pause = false", self.database)
        self.wait("select not exists (select from client.clients where rests)", "the clients do not go on")

    def end_clients(self):
        self.server.psql("update client.orders set stop = true", self.database)
        for process in self.clients:
            errors = process.communicate(timeout=WAIT)[1]
            if process.returncode != 0:
                raise Fault(f"a client failed: {errors}")

    def kill_clients(self):
        for process in getattr(self, "clients", ()):
            if process.poll() is None:
                process.kill()
                process.wait()

    # -- one call that is late ---------------------------------------------------------------------------------------

    def session(self, *statements):
        """A client that does this, says that it is done, and goes on when told."""
        process = subprocess.Popen([client("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
                                    self.server.url(self.database)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env=self.server.environment(), cwd="/")
        self.clients.append(process)
        process.stdin.write("".join(f"{statement};\n" for statement in statements))
        process.stdin.flush()
        return process

    def end_session(self, process):
        output = process.communicate("rollback;\n" if process.poll() is None else None, timeout=WAIT)[0]
        if process.returncode != 0:
            raise Fault(f"a session failed: {output}")

    def late_call(self):
        """Version 1's papers_remove, or the move's of version 2, waits for an advisory lock before it does anything."""
        moves = self.name == "move"
        self.make_database()
        self.clients = []
        self.server.psql("insert into notes select 'ann', i, 'first', 'state' from generate_series(1, 2000) i;"
                         "vacuum analyze notes", self.database)
        if moves:
            self.run("upgrade", "2")
        number = 3 if moves else 2
        gate = "hashtextextended(concat_ws(' ', 'papers', 'ann', 3), 0)" if moves else "42"
        gatekeeper = self.session("begin", f"select pg_advisory_xact_lock({gate})")
        self.wait("select exists (select from pg_stat_activity where query like '%pg_advisory_xact_lock(%' "
                  "and state = 'idle in transaction')", "the gate is not shut")
        late = self.session("select papers_remove('ann', 3)")
        self.wait("select exists (select from pg_locks where locktype = 'advisory' and not granted)", "no late call")
        # So that the walk cannot end before the call has.
        last = self.session("begin", "select from notes where number = 2000 for update")
        self.wait("select exists (select from pg_stat_activity where query like '%number = 2000 for update%' "
                  "and state = 'idle in transaction')", "no row is locked")
        upgrade = self.dbtool.start("upgrade", str(number))
        self.clients.append(upgrade)
        self.wait("select to_regclass('papers') is not null", "there is no copy")
        self.wait("select exists (select from papers where number = 3)", "no batch has been at the row")
        self.end_session(gatekeeper)
        self.end_session(late)
        self.end_session(last)
        output = "".join(upgrade.communicate(timeout=WAIT))
        if self.name == "dual-write":
            if upgrade.returncode != 1 or "copy (ann,3,first,state)" not in output:
                raise Fault(f"verify does not name the row: exit {upgrade.returncode}\n{output}")
            self.server.psql("delete from papers where number = 3", self.database)
            self.run("upgrade", str(number))
        elif upgrade.returncode != 0:
            raise Fault(f"exit {upgrade.returncode}\n{output}")
        there = self.value("select string_agg(number::text, ' ' order by number) from papers where number < 6")
        if there != "1 2 4 5":
            raise Fault(f"the late delete is lost: rows {there} are there")
        print(f"{self.name}: a late call is {'found' if self.name == 'dual-write' else 'heeded'}", flush=True)

    # -- tests ------------------------------------------------------------------------------------------------------

    def step(self, way, goal):
        words = (way, str(goal), "--workers", "2", "--batch-time", "5ms", "--yes", "patterns")
        # Functions that a call of the version before has begun with do not know of the copy: what `verify` would name,
        # and has a test of its own.
        if self.name == "dual-write" and goal == 2:
            self.run(*words, "--defer-online", expected=4)
            self.let_end_calls()
        self.run(*words)
        self.compare(f"{way} {goal}", self.contents[goal - 1])

    def under_way(self):
        """Up and down among clients."""
        self.make_database()
        try:
            self.start_clients()
            for turn in range(2):
                for goal in range(2, len(self.contents) + 1):
                    self.step("upgrade", goal)
                for goal in range(len(self.contents) - 1, 0, -1):
                    self.step("downgrade", goal)
            self.end_clients()
        finally:
            self.kill_clients()
        turns, repeated = self.server.psql("select sum(turns), sum(repeated) from client.clients", self.database)[0]
        print(f"{self.name}: {turns} turns, {repeated} of them once more", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--rows", type=int, default=4000, help="of each client")
    parser.add_argument("--only", choices=tuple(PATTERNS))
    arguments = parser.parse_args()
    faults = 0
    with PrivateServer() as server, tempfile.TemporaryDirectory() as directory:
        server.psql("create role ci_desk login")
        for name in PATTERNS:
            if arguments.only not in (None, name):
                continue
            pattern = Pattern(server, arguments, name, directory)
            try:
                pattern.write_project()
                pattern.judge()
                pattern.under_way()
                if name != "column":
                    late = Pattern(server, arguments, name, pathlib.Path(directory) / "late", "late")
                    late.write_project("" if name == "move" else "perform pg_advisory_xact_lock(42); ")
                    try:
                        late.late_call()
                    finally:
                        late.kill_clients()
            except Fault as fault:
                faults += 1
                print(f"FAULT: {name}: {fault}", flush=True)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
