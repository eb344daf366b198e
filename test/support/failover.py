"""A primary and its streaming replica, and the failover from one to the other."""
import time

from cutting_proxy import CuttingProxy
from private_server import PrivateServer


class Pair:
    """`with Pair(data, synchronous) as pair: …`: two servers from a copy of `data`, which belongs to a server that stands
    still. A commit is acknowledged when a synchronous replica has it too; an asynchronous one may lack the last ones."""

    def __init__(self, data, synchronous):
        self.synchronous = synchronous
        # Nothing holds back what the replica, which starts with the primary, has not fetched yet.
        self.primary = PrivateServer(["wal_keep_size=256MB"], data=data)
        self.stream = CuttingProxy(self.primary.directory)
        self.replica = PrivateServer([f"primary_conninfo=host={self.stream.directory} port=5432 user=postgres",
                                      "wal_retrieve_retry_interval=100ms"], data=data)
        (self.replica.data / "standby.signal").touch()
        self.server = self.primary  # that takes writes

    def __enter__(self):
        try:
            self.primary.start()
            self.replica.start()
            self._wait_for("streaming", "state")
            if self.synchronous:
                self.primary.psql("alter system set synchronous_standby_names = '*'")
                self.primary.psql("select pg_reload_conf()")
                self._wait_for("sync", "sync_state")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.primary.__exit__()
        self.replica.__exit__()
        if self.server is self.primary:
            self.stream.close()

    def _wait_for(self, value, column):
        for _ in range(600):
            if self.primary.psql(f"select 1 from pg_stat_replication where {column} = '{value}'"):
                return
            time.sleep(0.05)
        raise RuntimeError(f"the replica is not {value}:\n" + (self.replica.directory / "log").read_text()[-2000:])

    def url(self, database="postgres", user="postgres"):
        """Of whichever server takes writes."""
        return (f"postgresql://{user}@/{database}?host={self.primary.directory},{self.replica.directory}&port=5432"
                "&target_session_attrs=read-write")

    def fail_over(self, behind=0):
        """The primary dies, the replica takes its place. An asynchronous one is `behind` by so many seconds."""
        if not self.synchronous:
            self.stream.close()
            time.sleep(behind)
        self.primary.stop("immediate")
        if self.synchronous:
            self.stream.close()
        self.replica.psql("select pg_promote()")
        self.server = self.replica
