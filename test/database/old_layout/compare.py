#!/usr/bin/env python3
"""Takes test/cases/old-layout (or --directory) 0 → newest → 0 with dbtool and with the reference runner, and compares
what pg_dump says of both databases after every version, and a few answers of functions.

    compare.py --dbtool BINARY [--directory DIR] [--user-prefix P] [--extension E]… [--version-table T]
"""
import argparse
import difflib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "support"))
from private_server import Dbtool, PrivateServer  # noqa: E402

def newest_version(directory):
    return max(int(file.stem) for file in (directory / "versions").iterdir()
               if file.suffix in (".yml", ".yaml") and file.is_file() and not file.name.startswith("."))


def service_users(directory, prefix):
    import yaml
    for place in (directory / "access.yml", directory / "schema" / "access.yml"):
        if place.exists():
            return [f"{prefix}_{service.replace('-', '_')}" for service in yaml.safe_load(place.read_text())]
    return []


def prepare(server, arguments):
    for user in service_users(arguments.directory, arguments.user_prefix):
        server.psql(f"create role {user} login")
    for database in ("by_dbtool", "by_reference"):
        server.create_database(database)


def reference(server, arguments, goal):
    options = [part for extension in arguments.extension for part in ("--extension", extension)]
    subprocess.run([HERE.parents[2] / "support" / "reference_runner", "--url", server.url("by_reference"), "--directory",
                    arguments.directory, "--version-table", arguments.version_table, "--user-prefix",
                    arguments.user_prefix, *options, str(goal)], check=True, env=server.environment())


def compare(server, arguments, way, version):
    ours, theirs = (server.dump_schema(database, exclude_tables=[arguments.version_table])
                    for database in ("by_dbtool", "by_reference"))
    if ours == theirs:
        return 0
    print(f"{way} {version}: the schemas differ (- reference, + dbtool)")
    print("\n".join(list(difflib.unified_diff(theirs, ours, "reference", "dbtool", lineterm="", n=2))[:80]))
    return 1


def go(server, dbtool, arguments, way, goal):
    # A downgrade past rows that it drops asks for the database's name.
    done = dbtool.run(way, str(goal), *(["--yes", "by_dbtool"] if way == "downgrade" else []))
    if done.returncode != 0:
        print(f"dbtool {way} {goal}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        sys.exit(1)
    reference(server, arguments, goal)
    return compare(server, arguments, way, goal)


def rows_for_the_online_part(server, arguments, version):
    """Only the directory kept here: parcels that version 9 moves in the background."""
    if arguments.directory.name == "old-layout" and version == 8:
        for database in ("by_dbtool", "by_reference"):
            server.psql("insert into parcels (parcel_id, label) select gen_random_uuid(), 'parcel ' || i "
                        "from generate_series(1, 50) i", database)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    parser.add_argument("--directory", type=pathlib.Path, default=HERE.parents[2] / "cases" / "old-layout")
    parser.add_argument("--user-prefix", default="parcel")
    parser.add_argument("--extension", action="append", default=[])
    parser.add_argument("--version-table", default="tcversion")
    arguments = parser.parse_args()
    arguments.extension = arguments.extension or ["pgcrypto"]
    newest = newest_version(arguments.directory)
    differences = 0
    with PrivateServer() as server:
        prepare(server, arguments)
        # Half of the settings by flags, half by the environment, as the deployments of such directories do it.
        dbtool = Dbtool(arguments.dbtool, server, "-C", str(arguments.directory), "--version-table", arguments.version_table,
                        *[part for extension in arguments.extension for part in ("--extension", extension)],
                        environment={"ADMIN_DB_URL": server.url("by_dbtool"), "USERNAME_PREFIX": arguments.user_prefix})
        for version in range(1, newest + 1):
            differences += go(server, dbtool, arguments, "upgrade", version)
            rows_for_the_online_part(server, arguments, version)
        check = dbtool.run("check")
        if check.returncode != 0:
            print(f"check at {newest}: exit {check.returncode}\n{check.stdout}{check.stderr}")
            differences += 1
        for version in range(newest - 1, -1, -1):
            differences += go(server, dbtool, arguments, "downgrade", version)
        differences += go(server, dbtool, arguments, "upgrade", newest)
        differences += go(server, dbtool, arguments, "downgrade", 0)
    print(f"{newest} versions up and down, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
