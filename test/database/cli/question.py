#!/usr/bin/env python3
"""What is typed at questions, on a real terminal: the name of a protected database, another word, Ctrl-C; whether a version
that may not fit its window is to be turned back.

    question.py --dbtool BINARY
"""
import argparse
import os
import pathlib
import pty
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[2] / "support"))
from private_server import PrivateServer  # noqa: E402


def write_project(directory):
    (directory / "versions").mkdir()
    (directory / "schema").mkdir()
    (directory / "schema" / "tables.yml").write_text("{}\n")
    (directory / "schema" / "access.yml").write_text("{}\n")
    (directory / "dbtool.yml").write_text("name: careful\nprotected: true\n")
    (directory / "versions" / "0001.yml").write_text("version: 1\nmethods: {}\n")


def ask(command, environment, typed):
    """Types when the question has come; returns what the terminal showed and the exit code."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(command[0], command, environment)
    shown, answered = b"", False
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
        if not answered and b"to go on:" in shown:
            os.write(terminal, typed)
            answered = True
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def window_questions(server, dbtool, directory):
    """Of a version whose forecast nobody has, dbtool asks some time before the latest moment to turn back.

    That time is a tenth of the window: 3 s here, so that a slow machine leaves room for an answer.
    """
    (directory / "dbtool.yml").write_text("name: windowed\n")
    (directory / "versions" / "0002.yml").write_text(
        "version: 2\nmigrationScript: |-\n  begin\n    create table slow (a integer);\n    perform pg_sleep(31);\n  end\n"
        "downgradeScript: |-\n  begin\n    drop table slow;\n  end\nmethods: {}\n")

    def is_good(number, typed, code, words, there):
        database = f"windowed_{number}"
        server.create_database(database)
        command = [dbtool, "-C", str(directory), "--url", server.url(database), "--color", "never", "upgrade"]
        ask([*command, "1"], server.environment(), b"")
        shown, ended = ask([*command, "--window", "30s", "--reserve", "1s"], server.environment(), typed)
        table = server.value("select to_regclass('slow') is not null", database)
        asked = "may not fit the window" in shown and "Turn back?" in shown
        good = ended == code and words in shown and table == there and asked
        print(f"window, {typed!r}: {'ok' if good else f'FAULT: exit {ended}, table {table}, asked {asked}, {shown}'}")
        return good

    cases = ((b"back\n", 4, "TURNED BACK in version 2", "f"),
             (b"perhaps\n", 4, "TURNED BACK in version 2", "f"),  # and then nothing
             (b"go\n", 3, "UPGRADED to 2", "t"))
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(is_good, range(len(cases)), *zip(*cases))).count(False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dbtool", required=True)
    arguments = parser.parse_args()
    faults = 0
    with PrivateServer() as server, tempfile.TemporaryDirectory() as directory:
        write_project(pathlib.Path(directory))
        server.create_database("careful")
        command = [arguments.dbtool, "-C", directory, "--url", server.url("careful"), "--color", "never", "upgrade"]
        for typed, code, words, there in ((b"\x03", 130, "stopped: as asked; nothing was changed", "f"),
                                          (b"certainly\n", 1, "not confirmed; nothing was changed", "f"),
                                          (b"careful\n", 0, "UPGRADED to 1", "t")):
            shown, ended = ask(command, server.environment(), typed)
            version = server.value("select to_regclass('dbtool.version') is not null", "careful")
            good = ended == code and words in shown and version == there
            print(f"{typed!r}: {'ok' if good else f'FAULT: exit {ended}, version table {version}, {shown}'}")
            faults += not good
        faults += window_questions(server, arguments.dbtool, pathlib.Path(directory))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
