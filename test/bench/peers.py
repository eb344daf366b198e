"""The same versions for dbtool's peers: plain SQL of a project directory, in the form that each of them reads."""
import pathlib
import re
import subprocess


def statements(directory, prefix):
    """The statements of every version, in order: its script's and its methods'."""
    import yaml
    versions = []
    for file in sorted((pathlib.Path(directory) / "versions").glob("*.yml")):
        version = yaml.safe_load(file.read_text())
        script = re.fullmatch(r"\s*begin\n(.*)\n\s*end\s*", version["migrationScript"], re.S).group(1)
        sql = script.replace("$db_user_prefix$", prefix) + "\n"
        for name, method in version["methods"].items():
            sql += (f'create or replace function "{name}"({method["args"]}) returns {method["returns"]} as $body$'
                    f"{method['body']}$body$ language plpgsql;\n")
        versions.append(sql)
    return versions


def write_psql(file, versions):
    """One transaction a version, and a version row."""
    text = "create table version (version integer not null);\ninsert into version values (0);\n"
    for number, sql in enumerate(versions, 1):
        text += f"begin;\n{sql}update version set version = {number};\ncommit;\n"
    file.write_text(text)
    return file


class RoundTrip:
    """The versions of any project directory for psql: each goes up, down and up again, on empty tables."""

    def __init__(self, directory, prefix):
        import yaml
        self.folder, self.prefix = pathlib.Path(directory) / "versions", prefix
        self.versions = [yaml.safe_load(file.read_text()) for file in sorted(self.folder.glob("*.yml"))]

    def write(self, file, extensions=()):
        text = "".join(f"create extension {name};\n" for name in extensions)
        text += "create table version (version integer not null);\ninsert into version values (0);\n"
        for index, version in enumerate(self.versions):
            up, down = self.way(index, "migration"), self.way(index, "downgrade")
            text += up + down + up
        file.write_text(text)
        return file

    def way(self, index, direction):
        version = self.versions[index]
        number = version["version"] if direction == "migration" else version["version"] - 1
        script = self.script(version, direction)
        ahead = ""
        if script and not version.get("transactional", True):
            ahead, script = script + "\n", ""
        if script:
            script = f"do $script$\n{script}\n$script$;\n"
        methods = "".join(self.method(index, name, direction) for name in version["methods"] or {})
        end = f"update version set version = {number};\ncommit;\n"
        return f"{ahead}begin;\n{script}{methods}{end}{self.online(version, script, direction)}"

    def script(self, version, direction):
        text = version.get(f"{direction}Script") or ""
        if re.fullmatch(r"\S+\.sql", text.strip()):
            text = (self.folder / text.strip()).read_text()
        return text.replace("$db_user_prefix$", self.prefix)

    def method(self, index, name, direction):
        known = [version["methods"][name] for version in self.versions[:index + (direction == "migration")]
                 if "body" in (version["methods"] or {}).get(name, {})]
        own = self.versions[index]["methods"][name]
        if direction == "migration" and "body" not in own:
            return ""
        if not known:
            return f"drop function if exists {name};\n"
        method = known[-1]
        return (f'create or replace function "{name}"({method["args"]}) returns {method["returns"]} as $body$'
                f"{method['body']}$body$ language plpgsql;\n")

    @staticmethod
    def online(version, script, direction):
        """One batch, which on empty tables is all, and the end."""
        name = f"online_{direction}_v{version['version']}"
        if f"{name}_batch" not in script:
            return ""
        return (f"begin;\nselect {name}_batch(100, '{{}}');\nselect {name}_is_complete();\n"
                f"drop function {name}_batch(integer, jsonb);\ndrop function {name}_is_complete();\ncommit;\n")


def write_sqitch(directory, versions):
    (directory / "deploy").mkdir(parents=True)
    (directory / "sqitch.conf").write_text("[core]\n\tengine = pg\n")
    plan = "%syntax-version=1.0.0\n%project=bench\n\n"
    for number, sql in enumerate(versions, 1):
        plan += f"v{number:04} 2026-01-01T00:00:00Z Bench <bench@example.com> # version {number}\n"
        (directory / "deploy" / f"v{number:04}.sql").write_text(f"begin;\n{sql}commit;\n")
    (directory / "sqitch.plan").write_text(plan)


ALEMBIC_ENV = """\
import os
from alembic import context
from sqlalchemy import create_engine, pool

with create_engine(os.environ["BENCH_URL"], poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""

ALEMBIC_REVISION = """\
from alembic import op
revision = "v{number:04}"
down_revision = {before}


def upgrade():
    op.execute({sql!r})
"""


def write_alembic(directory, versions):
    (directory / "scripts" / "versions").mkdir(parents=True)
    (directory / "alembic.ini").write_text("[alembic]\nscript_location = scripts\n")
    (directory / "scripts" / "env.py").write_text(ALEMBIC_ENV)
    for number, sql in enumerate(versions, 1):
        before = repr(f"v{number - 1:04}") if number > 1 else None
        escaped = sql.replace(":", "\\:")  # op.execute takes :name for a parameter
        (directory / "scripts" / "versions" / f"v{number:04}.py").write_text(
            ALEMBIC_REVISION.format(number=number, before=before, sql=escaped))


def alembic_works():
    try:
        return subprocess.run(["alembic", "--version"], capture_output=True).returncode == 0 and \
            subprocess.run(["/usr/bin/python3", "-c", "import psycopg2"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
