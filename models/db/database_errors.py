"""Decide what an error of a database driver means, for clients, for the retry of transactions and for the operator."""

from __future__ import annotations

import socket
import sqlite3
import ssl
from collections.abc import Iterator

import asyncpg  # type: ignore[import-untyped]  # ships no types
from tortoise.exceptions import BaseORMException, DBConnectionError


class PoolerInBetween(ConnectionError):
    """Raised if a connection pooler, such as PgBouncer, ignores the settings that a connection requests."""


def unavailable(error: BaseException) -> bool:
    """Return whether the database is unreachable or too busy, so that a later retry can succeed."""
    return any(
        isinstance(cause, _UNAVAILABLE)
        or (isinstance(cause, asyncpg.InterfaceError) and "clos" in str(cause))
        or (isinstance(cause, sqlite3.Error) and _name(cause).startswith(_SQLITE_UNAVAILABLE) and not _lost_race(cause))
        for cause in _causes(error)
    )


def timed_out(error: BaseException) -> bool:
    """Return whether PostgreSQL cancelled a statement at its time limit. A statement for fewer rows can succeed."""
    return any(isinstance(cause, _TIMED_OUT) for cause in _causes(error))


def damaged(error: BaseException) -> bool:
    """Return whether the error means that SQLite's file is damaged or is not a SQLite database."""
    return any(
        isinstance(cause, sqlite3.Error) and _name(cause).startswith(_SQLITE_DAMAGED) for cause in _causes(error)
    )


def transient(error: BaseException) -> bool:
    """Return whether a transaction failed because of a concurrent one, so that an immediate retry can succeed."""
    return any(
        isinstance(cause, _TRANSIENT) or (isinstance(cause, sqlite3.OperationalError) and _lost_race(cause))
        for cause in _causes(error)
    )


def reason(error: BaseException) -> str:
    """Return the cause of the error for the operator: a description with the SQLSTATE or the error's class name.

    The driver's own message is left out, because it can contain addresses, users, statements or values.
    """
    found = list(_causes(error))
    causes = [cause for cause in found if not isinstance(cause, BaseORMException)] or found
    for kind, words in _REASONS:
        for cause in causes:
            if isinstance(cause, kind):
                return f"{words} ({_word(cause)})"
    for cause in causes:
        if isinstance(cause, sqlite3.Error):
            primary = "_".join(_name(cause).split("_")[:2])
            return f"{_SQLITE_REASONS.get(primary, 'SQLite failed')} ({_name(cause) or type(cause).__name__})"
    return f"the database failed ({_word(causes[-1])})"


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (
        PoolerInBetween,
        "a connection pooler such as PgBouncer drops the settings of a connection, as in transaction mode;"
        " connect to PostgreSQL itself: every process has a pool of its own",
    ),
    (
        asyncpg.ProtocolViolationError,
        "the start-up parameters are refused, as by a connection pooler such as PgBouncer;"
        " connect to PostgreSQL itself: every process has a pool of its own",
    ),
    (
        asyncpg.DuplicatePreparedStatementError,
        "prepared statements are mixed up, as by a connection pooler in transaction mode",
    ),
    (
        asyncpg.InvalidSQLStatementNameError,
        "prepared statements are lost, as by a connection pooler in transaction mode",
    ),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "the server refuses the user, the password or the unencrypted connection",
    ),
    (asyncpg.InvalidCatalogNameError, "the server has no such database"),
    (asyncpg.InsufficientPrivilegeError, "the user lacks a privilege"),
    (asyncpg.TooManyConnectionsError, "the server has no connection left"),
    (asyncpg.DiskFullError, "the server's disk is full"),
    (asyncpg.InsufficientResourcesError, "the server is out of memory or another resource"),
    (asyncpg.CannotConnectNowError, "the server is starting up or shutting down"),
    (asyncpg.ObjectNotInPrerequisiteStateError, "the database accepts no connections"),
    (asyncpg.AdminShutdownError, "the server is shutting down"),
    (asyncpg.CrashShutdownError, "the server has crashed"),
    (asyncpg.LockNotAvailableError, "a lock was not free in time"),
    (asyncpg.QueryCanceledError, "a statement took too long"),
    (asyncpg.IdleInTransactionSessionTimeoutError, "a transaction stood idle for too long"),
    (asyncpg.ReadOnlySQLTransactionError, "the server is read-only: it is a standby"),
    (ssl.SSLError, "no TLS connection: certificate or protocol do not fit"),
    (socket.gaierror, "the host's name cannot be resolved"),
    (ConnectionRefusedError, "nothing listens at that address and port"),
    (
        asyncpg.ClientConfigurationError,
        "an option of the URL is wrong, or the certificate file that it needs is missing",
    ),
    (FileNotFoundError, "there is no socket, or no certificate file, at that path"),
    (TimeoutError, "no answer, or no free connection, in time"),
    (ConnectionResetError, "the connection was cut"),
    (ConnectionError, "the connection was refused or cut, as by a server without the TLS that is asked for"),
    (asyncpg.PostgresConnectionError, "the connection was lost"),
    (asyncpg.InterfaceError, "the connection was closed"),
    (OSError, "the host cannot be reached"),
)
"""The descriptions of errors, by error class. The first entry that matches one of an error's causes is used."""

_SQLITE_REASONS = {
    "SQLITE_BUSY": "another process has been writing for too long",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_IOERR": "the disk cannot be read or written",
    "SQLITE_READONLY": "the file or its folder is read-only",
    "SQLITE_NOMEM": "there is no memory left",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is no SQLite database",
}

_TIMED_OUT = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)
"""Errors of a statement that PostgreSQL cancelled because the statement, or its wait for a lock, took too long."""

_UNAVAILABLE = (
    DBConnectionError,
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DuplicatePreparedStatementError,
    asyncpg.InvalidSQLStatementNameError,
)
"""Errors of a server that is unreachable, shutting down, overloaded, out of a resource, or read-only after a fail-over.

The last two classes are errors of a connection pooler that loses or mixes up prepared statements.
"""

_TRANSIENT = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)
"""Errors of a conflict with another transaction. The last two occur after another process has migrated the tables."""

_SQLITE_UNAVAILABLE = (
    "SQLITE_BUSY",
    "SQLITE_FULL",
    "SQLITE_CANTOPEN",
    "SQLITE_IOERR",
    "SQLITE_READONLY",
    "SQLITE_NOMEM",
    "SQLITE_PROTOCOL",
    "SQLITE_PERM",
)
"""Prefixes of the names of SQLite errors that mean "unavailable".

SQLITE_BUSY means that another process held the write lock for longer than busy_timeout.
"""

_SQLITE_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")

_SQLITE_TRANSIENT = {"SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_LOCKED_SHAREDCACHE"}


def _lost_race(error: sqlite3.Error) -> bool:
    return _name(error) in _SQLITE_TRANSIENT


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _word(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", None) or type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    # Causes beyond the first error of another library are not about the database.
    while error is not None:
        yield error
        between = isinstance(error, (BaseORMException, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError))
        error = (error.__cause__ or error.__context__) if between else None
