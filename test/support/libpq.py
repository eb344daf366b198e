"""As much of libpq as a test's service client needs: one connection, statements with text parameters, and what is known
of a statement that failed."""
import ctypes
import ctypes.util

_libpq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
for _name, _result, _arguments in (
        ("PQconnectdb", ctypes.c_void_p, [ctypes.c_char_p]),
        ("PQstatus", ctypes.c_int, [ctypes.c_void_p]),
        ("PQerrorMessage", ctypes.c_char_p, [ctypes.c_void_p]),
        ("PQfinish", None, [ctypes.c_void_p]),
        ("PQexecParams", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p,
                                           ctypes.POINTER(ctypes.c_char_p), ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]),
        ("PQresultStatus", ctypes.c_int, [ctypes.c_void_p]),
        ("PQresultErrorField", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int]),
        ("PQresultErrorMessage", ctypes.c_char_p, [ctypes.c_void_p]),
        ("PQntuples", ctypes.c_int, [ctypes.c_void_p]),
        ("PQnfields", ctypes.c_int, [ctypes.c_void_p]),
        ("PQgetvalue", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
        ("PQclear", None, [ctypes.c_void_p])):
    _function = getattr(_libpq, _name)
    _function.restype, _function.argtypes = _result, _arguments

_NOTICE_PROCESSOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
_libpq.PQsetNoticeProcessor.restype = ctypes.c_void_p
_libpq.PQsetNoticeProcessor.argtypes = [ctypes.c_void_p, _NOTICE_PROCESSOR, ctypes.c_void_p]
_silence = _NOTICE_PROCESSOR(lambda *_: None)

_COMMAND_OK, _TUPLES_OK, _DIAG_SQLSTATE = 1, 2, ord("C")


class StatementFailed(Exception):
    """The server refused the statement: nothing of it stays. `sqlstate` says why."""

    def __init__(self, sqlstate, message):
        super().__init__(f"{sqlstate}: {message.strip()}")
        self.sqlstate = sqlstate


class ConnectionLost(Exception):
    """The connection is gone; whether the statement was committed is not known."""


class CannotConnect(Exception):
    """There is no connection, and nothing was sent."""


class Connection:
    """A connection on which every statement is a transaction of its own. Threads may wait in different ones at once."""

    def __init__(self, url):
        self.handle = _libpq.PQconnectdb(url.encode())
        if _libpq.PQstatus(self.handle) != 0:
            message = _libpq.PQerrorMessage(self.handle).decode(errors="replace")
            self.close()
            raise CannotConnect(message.strip())
        _libpq.PQsetNoticeProcessor(self.handle, _silence, None)

    def close(self):
        if self.handle:
            _libpq.PQfinish(self.handle)
        self.handle = None

    def query(self, sql, *parameters):
        """Rows as lists of texts. Throws StatementFailed or ConnectionLost."""
        values = (ctypes.c_char_p * len(parameters))(*(str(value).encode() for value in parameters))
        result = _libpq.PQexecParams(self.handle, sql.encode(), len(parameters), None, values, None, None, 0)
        try:
            if _libpq.PQresultStatus(result) in (_COMMAND_OK, _TUPLES_OK):
                return [[_libpq.PQgetvalue(result, row, column).decode() for column in range(_libpq.PQnfields(result))]
                        for row in range(_libpq.PQntuples(result))]
            sqlstate = (_libpq.PQresultErrorField(result, _DIAG_SQLSTATE) or b"").decode()
            message = (_libpq.PQresultErrorMessage(result) or _libpq.PQerrorMessage(self.handle)).decode(errors="replace")
        finally:
            _libpq.PQclear(result)
        # 57P01 and its like are the last word of a server that ends the connection.
        if _libpq.PQstatus(self.handle) != 0 or not sqlstate or sqlstate.startswith("57P"):
            raise ConnectionLost(f"{sqlstate} {message.strip()}")
        raise StatementFailed(sqlstate, message)
