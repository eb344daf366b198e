"""A private PostgreSQL server for tests that are written in Python, and a way to run the real dbtool against it.

The server is reachable by its socket alone, runs as user postgres (or nobody) when the test is root, and ends with the
process that started it, however that ends.
"""
import ctypes
import glob
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1


def server_binaries():
    """The directory of initdb and postgres: $PGBIN, or the newest of the machine."""
    if os.environ.get("PGBIN"):
        return pathlib.Path(os.environ["PGBIN"])
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if found:
        return pathlib.Path(max(found, key=lambda path: int(path.split("/")[4]))).parent
    return pathlib.Path(subprocess.check_output(["pg_config", "--bindir"], text=True).strip())


def client(name):
    """psql or pg_dump itself: the one in /usr/bin may be a wrapper that costs more than the work."""
    for path in [server_binaries() / name] + sorted(map(pathlib.Path, glob.glob(f"/usr/lib/postgresql/*/bin/{name}")),
                                                    reverse=True):
        if path.exists():
            return str(path)
    return name


# What a schema consists of, for servers that the machine has no pg_dump for: it refuses newer servers than itself.
SCHEMA_QUERY = """
with namespaces as (
  select oid, nspname from pg_namespace
  where nspname not like 'pg\\_%' and nspname not in ('information_schema', {left_out})
), members as (
  select classid, objid from pg_depend where deptype = 'e'
)
select 'relation', n.nspname, c.relname, c.relkind::text, coalesce(c.relacl::text, ''), coalesce(obj_description(c.oid), '')
from pg_class c join namespaces n on n.oid = c.relnamespace
union all
select 'column', n.nspname, c.relname, a.attnum::text || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod),
  concat_ws(' ', a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)), coalesce(a.attacl::text, '')
from pg_attribute a join pg_class c on c.oid = a.attrelid join namespaces n on n.oid = c.relnamespace
  left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
where a.attnum > 0 and not a.attisdropped
union all
select 'index', n.nspname, c.relname, pg_get_indexdef(c.oid), '', ''
from pg_class c join namespaces n on n.oid = c.relnamespace where c.relkind = 'i'
union all
select 'constraint', n.nspname, conrelid::regclass::text, conname, pg_get_constraintdef(k.oid), ''
from pg_constraint k join namespaces n on n.oid = k.connamespace
union all
select 'function', n.nspname, p.oid::regprocedure::text, case p.prokind when 'a' then '' else pg_get_functiondef(p.oid) end,
  coalesce(p.proacl::text, ''), ''
from pg_proc p join namespaces n on n.oid = p.pronamespace
where not exists (select from members m where (m.classid, m.objid) = ('pg_proc'::regclass, p.oid))
union all
select 'trigger', '', t.tgrelid::regclass::text, pg_get_triggerdef(t.oid), '', '' from pg_trigger t where not t.tgisinternal
union all
select 'enum', n.nspname, t.typname, e.enumsortorder::text, e.enumlabel, ''
from pg_enum e join pg_type t on t.oid = e.enumtypid join namespaces n on n.oid = t.typnamespace
order by 1, 2, 3, 4, 5, 6
"""


class SqlError(Exception):
    """psql failed; the text is what it said."""


class PrivateServer:
    """`with PrivateServer() as server: …`; `settings` are given to postgres with -c. `data`: that of another server, which
    stands still; it is copied."""

    def __init__(self, settings=(), durable=False, directory=None, data=None):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="dbtool-", dir="/tmp"))
        self.own_directory = directory is None
        self.data = self.directory / "data"
        self.settings = ["listen_addresses=", f"unix_socket_directories={self.directory}", *settings]
        if not durable:
            # What was committed must still outlive a crash of the server, only not of the machine.
            # Autovacuum comes when it likes: what deadlocks with it, or waits for it, would fail by chance.
            self.settings += ["fsync=off", "full_page_writes=off", "autovacuum=off"]
        self.account = {}
        if os.geteuid() == 0:
            user = next(name for name in ("postgres", "nobody") if self._has_account(name))
            entry = pwd.getpwnam(user)
            os.chown(self.directory, entry.pw_uid, entry.pw_gid)
            self.account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        os.chmod(self.directory, 0o755)
        if data:
            subprocess.run(["cp", "-a", data, self.data], check=True)
        self.process = None

    @staticmethod
    def _has_account(name):
        try:
            return bool(pwd.getpwnam(name))
        except KeyError:
            return False

    def __enter__(self):
        if not self.data.exists():
            self.initialize()
        self.start()
        return self

    def initialize(self):
        subprocess.run([server_binaries() / "initdb", "--no-sync", "-D", self.data, "-A", "trust", "-U", "postgres",
                        "-E", "UTF8", "--locale", "C.UTF-8"],
                       check=True, stdout=subprocess.DEVNULL, cwd=self.directory, **self.account)

    def __exit__(self, *_):
        self.stop("immediate")
        if self.own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        def die_with_parent():
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)

        arguments = [part for setting in self.settings for part in ("-c", setting)]
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([server_binaries() / "postgres", "-D", self.data, *arguments],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.directory,
                                            start_new_session=True, preexec_fn=die_with_parent, **self.account)
        status = self.data / "postmaster.pid"
        for _ in range(6000):
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return
            if self.process.poll() is not None:
                raise RuntimeError("the server did not start:\n" + (self.directory / "log").read_text()[-2000:])
            time.sleep(0.01)
        raise RuntimeError("the server did not start within a minute")

    def stop(self, mode="fast"):
        if self.process and self.process.poll() is None:
            self.process.send_signal({"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
            self.process.wait()

    def restart(self):
        """After stop(), or a crash."""
        self.stop("immediate")
        self.start()

    def replica(self):
        """A hot standby of this server, not yet started: for `with`."""
        standby = PrivateServer()
        subprocess.run([server_binaries() / "pg_basebackup", "-D", standby.data, "-R", "-X", "stream", "-c", "fast", "-d",
                        self.url()], check=True, env=self.environment(), cwd=standby.directory, **standby.account)
        return standby

    def major(self):
        return int((self.data / "PG_VERSION").read_text())

    def url(self, database="postgres", user="postgres", host=None, port=None):
        return f"postgresql://{user}@/{database}?host={host or self.directory}&port={port or 5432}"

    def environment(self):
        """The environment without what would lead libpq elsewhere."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") or k == "PGBIN"}
        return {k: v for k, v in kept.items() if not re.fullmatch(r"(DBTOOL|ADMIN_DB|DATABASE)_URL", k)}

    def psql(self, sql, database="postgres", user="postgres"):
        """Runs statements; returns rows as lists of texts (null and '' are both '')."""
        done = subprocess.run([client("psql"), "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-d",
                               self.url(database, user), "-f", "-"],
                              input=sql, capture_output=True, text=True, env=self.environment(), cwd="/")
        if done.returncode != 0:
            raise SqlError(done.stderr)
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def value(self, sql, database="postgres"):
        """The first column of the first row."""
        return self.psql(sql, database)[0][0]

    def create_database(self, name, template="template0"):
        self.psql(f'create database "{name}" template "{template}"')

    def drop_database(self, name):
        self.psql(f'drop database if exists "{name}" with (force)')

    def dump_schema(self, database, exclude_schemas=("dbtool",), exclude_tables=()):
        """Lines that say all of a schema: pg_dump's, without comments and tokens that differ from dump to dump."""
        major = int(subprocess.check_output([client("pg_dump"), "--version"], text=True).split()[2].split(".")[0])
        if major < self.major():
            left_out = ", ".join(f"'{schema}'" for schema in (*exclude_schemas, ""))
            rows = self.psql(SCHEMA_QUERY.replace("{left_out}", left_out), database)
            return [" | ".join(row) for row in rows if not set(row) & set(exclude_tables)]
        options = [f"--exclude-schema={schema}" for schema in exclude_schemas]
        options += [f"--exclude-table=public.{table}" for table in exclude_tables]
        done = subprocess.run([client("pg_dump"), "--schema-only", *options, self.url(database)],
                              capture_output=True, text=True, env=self.environment(), cwd="/")
        if done.returncode != 0:
            raise SqlError(done.stderr)
        # dbtool lets the service users into schema public; that belongs to no version.
        left_out = ("--", "\\restrict", "\\unrestrict", "GRANT USAGE ON SCHEMA public")
        return [line for line in done.stdout.splitlines()
                if line and not line.startswith(left_out) and "SCHEMA dbtool" not in line]


class Dbtool:
    """The binary, with the options of every call."""

    def __init__(self, binary, server, *options, environment=None):
        self.command = [str(binary), *options]
        self.environment = {**server.environment(), **(environment or {})}

    def start(self, *arguments):
        return subprocess.Popen([*self.command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=self.environment)

    def run(self, *arguments, timeout=120):
        return subprocess.run([*self.command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=self.environment, timeout=timeout)
