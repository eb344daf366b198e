"""Clients of a service that write without pause while dbtool works, and know exactly what must be there in the end."""
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from libpq import CannotConnect, Connection, ConnectionLost, StatementFailed  # noqa: E402

SHARE = 1000  # keys of each client, none of which another one touches: from number * SHARE on
ABSENT = None


def rows_at_first(number_of_clients):
    """{number: count} of the rows that are there when the clients begin."""
    return {n: 1 + n % 5 for n in range(number_of_clients * SHARE) if n % 3}


def key(number):
    """The composite key of the row of that number."""
    return f"part {number % 97}", f"row/{number:06}"


class Client:
    """Adds, counts up and removes rows of its own, each call a transaction. A row's count is one more with each call, so
    that one lost write shows in the end. `may_lose`: writes that were acknowledged may be lost with the connection."""

    def __init__(self, number, url, seed, present, may_lose=False):
        self.number, self.url, self.may_lose = number, url, may_lose
        self.chance = random.Random(seed)
        self.rows = {n: present.get(n, ABSENT) for n in range(number * SHARE, (number + 1) * SHARE)}
        self.unknown = {}  # row → what it may be as well: the answer was lost. It is left alone from then on
        self.acknowledged = 0
        self.lost = 0  # connections
        self.longest_call = 0  # seconds
        self.faults = []
        self.is_disturbed = False  # an accident that the services feel has begun
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._write, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join(timeout=60)
        if self.thread.is_alive():
            self.faults.append("still waits for the answer to its last call, a minute after everything else is over")

    def possible(self):
        """What each row may be: {number: set of counts}, with ABSENT for a row that is not there."""
        return {n: {count} | ({self.unknown[n]} if n in self.unknown else set()) for n, count in self.rows.items()}

    def _write(self):
        connection = None
        while not self.stopping.is_set():
            if connection is None:
                connection = self._connect()
                continue
            try:
                self._call(connection)
            except ConnectionLost as lost:
                self.lost += 1
                connection.close()
                connection = None
                if not self.is_disturbed:
                    self.faults.append(f"lost its connection, which nothing explains: {lost}")
            except StatementFailed as failed:
                self.faults.append(str(failed))
                break
        if connection:
            connection.close()

    def _connect(self):
        try:
            connection = Connection(self.url)
            if self.may_lose and self.lost:
                self._read_again(connection)
            return connection
        except (CannotConnect, ConnectionLost) as fault:
            if not self.is_disturbed:
                self.faults.append(f"cannot connect, which nothing explains: {fault}")
            time.sleep(0.02)
            return None

    def _read_again(self, connection):
        """What is there now is what counts from now on."""
        first, last = self.number * SHARE, (self.number + 1) * SHARE - 1
        there = {int(n): int(count) for n, count in connection.query("select * from item_list($1, $2)", first, last)}
        self.rows = {n: there.get(n, ABSENT) for n in self.rows}
        self.unknown = {}

    def _call(self, connection):
        n = self.chance.choice(list(self.rows))
        if n in self.unknown:
            return
        count = self.rows[n]
        if count is ABSENT:
            function, after = "item_add", 1
        elif self.chance.random() < 0.25:
            function, after = "item_remove", ABSENT
        else:
            function, after = "item_count_up", count + 1
        begun = time.monotonic()
        try:
            connection.query(f"select {function}($1, $2)", *key(n))
        except ConnectionLost:
            self.unknown[n] = after
            raise
        except StatementFailed as failed:
            raise StatementFailed(failed.sqlstate, f"{function} of row {n}, which stands at {count}: {failed}") from None
        self.longest_call = max(self.longest_call, time.monotonic() - begun)
        self.rows[n] = after
        self.acknowledged += 1
        time.sleep(0.001)  # as short as a request to a service takes; it leaves the machine some time for dbtool
