#!/usr/bin/env python3
"""The newest functions of the shipped database, called as the services call them.

    functions.py --dbtool BINARY

Upgrades an empty database to the newest version and runs functions.sql there; the first assertion that fails is the fault.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve()
ROOT = HERE.parents[3]
sys.path.insert(0, str(ROOT / "test" / "support"))
from private_server import Dbtool, PrivateServer  # noqa: E402

SERVICES = ("auth", "github", "hooks", "index", "notify", "purge_cache", "secrets", "web_server", "worker_manager", "queue")
DATABASE = "shipped"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", default="dbtool")
    arguments = parser.parse_args()
    with PrivateServer() as server:
        for service in SERVICES:
            server.psql(f"create role ci_{service} login")
        server.create_database(DATABASE)
        upgrade = Dbtool(arguments.dbtool, server, "-C", str(ROOT), "--url", server.url(DATABASE)).run("upgrade")
        if upgrade.returncode != 0:
            sys.exit(f"upgrade: exit {upgrade.returncode}\n{upgrade.stdout}{upgrade.stderr}")
        server.psql((HERE.parent / "functions.sql").read_text(), DATABASE)


if __name__ == "__main__":
    main()
