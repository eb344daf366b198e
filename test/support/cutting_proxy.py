"""A proxy between libpq and a server's socket that can cut what goes through it."""
import contextlib
import os
import selectors
import socket
import tempfile
import threading


class CuttingProxy:
    """Listens on a socket of its own directory (`directory`, for `host=`) and forwards to the server's."""

    def __init__(self, server_directory, port=5432):
        self.target = f"{server_directory}/.s.PGSQL.{port}"
        self.directory = tempfile.mkdtemp(prefix="dbtool-proxy-", dir="/tmp")
        os.chmod(self.directory, 0o755)  # a replica comes in as another user
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{self.directory}/.s.PGSQL.{port}")
        os.chmod(f"{self.directory}/.s.PGSQL.{port}", 0o777)
        self.listener.listen(64)
        self.port = port
        self.lock = threading.Lock()
        self.pairs = []
        self.orphans = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self.target)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.pairs.append((near, far))
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near, far):
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(near, selectors.EVENT_READ, far)
                selector.register(far, selectors.EVENT_READ, near)
                while True:
                    for key, _ in selector.select():
                        data = key.fileobj.recv(65536)
                        if not data:
                            return
                        key.data.sendall(data)
        except OSError:
            return
        finally:
            self._end(near, far)

    def _end(self, near, far):
        # Only the thread that reads a socket closes it: closed by another, it would leave its number to the next
        # connection, whose data that thread would swallow.
        with self.lock:
            near.close()
            if far not in self.orphans:
                far.close()

    def cut(self, tell_server=True):
        """Cuts every connection. The server learns of it at once, or thinks that its client is still there."""
        with self.lock:
            pairs, self.pairs = self.pairs, []
            if not tell_server:
                self.orphans += [far for _, far in pairs]
            for near, far in pairs:
                for end in (near, far) if tell_server else (near,):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()
        self.cut()
        for far in self.orphans:
            far.close()
        os.unlink(f"{self.directory}/.s.PGSQL.{self.port}")
        os.rmdir(self.directory)
