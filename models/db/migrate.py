"""Apply all pending migrations in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State
from tortoise.transactions import in_transaction

from models.db.database import APP, CONNECTION, MIGRATIONS, completed, trouble
from models.db.engines import postgres_statistics, search_index, sqlite_statistics
from models.db.engines.schema_editors import schema_editor
from models.db.lazy_migration_models import LazyState

ADVISORY_LOCK = 0x6A7E_4005E
"""The key of PostgreSQL's advisory lock for migrations. Only one process at a time holds the lock and migrates."""


Progress = Callable[[int, int], None]
"""A callback that receives the number of migrations applied so far and the total number of migrations to apply."""


async def migrate(migrations: str = MIGRATIONS, progress: Progress = lambda done, total: None) -> list[str]:
    """Apply all pending migrations in one transaction, and return their names in order.

    If the process is killed, the database is unchanged. Several processes can call the function at once. Raise
    NewerDatabase if a newer version of Gatehouse has migrated the database.
    """
    async with _relations_unchecked(), in_transaction() as connection:
        await _lock(connection)
        executor = _Executor(connection, migrations)
        # Create the record of migrations now: Tortoise would read a missing record, and the error would end the transaction.
        await executor.recorder.ensure_schema(executor._schema_editor())
        refuse_unknown(await unknown(migrations))
        applied = _Names(len(await executor.plan()), progress)
        await executor.migrate(progress=applied.note)
        if applied:
            await _check_relations(connection)
        if migrations == MIGRATIONS:
            await search_index.ensure(connection)
        if _is_sqlite(connection):
            await sqlite_statistics.fix(connection)
        elif migrations == MIGRATIONS:
            await postgres_statistics.fix(connection)
    return applied


async def has_search_index() -> bool:
    """Return whether searches for users have an index. Without the index, a search reads each user of the list."""
    return await search_index.exists(get_connection(CONNECTION))


async def pending(migrations: str = MIGRATIONS) -> list[str]:
    """Return the names of the migrations that have not been applied to the database yet, in order."""
    connection = get_connection(CONNECTION)
    await connection.execute_query("SELECT 1")  # fails if the connection is lost; Tortoise would see an empty database
    plan = await _Executor(connection, migrations).plan()
    return [step.migration.name for step in plan]


async def unknown(migrations: str = MIGRATIONS) -> list[str]:
    """Return the names of the applied migrations that this version of Gatehouse does not contain.

    If there are any, a newer version has migrated the database, and this version cannot use it.
    """
    known = {module.name for module in iter_modules(import_module(migrations).__path__)}
    connection = get_connection(CONNECTION)
    await connection.execute_query("SELECT 1")  # fails if the connection is lost; Tortoise would see an empty record
    recorder = MigrationRecorder(connection)
    return sorted({key.name for key in await recorder.applied_migrations()} - known)


async def unfit() -> str | None:
    """Return why this version cannot use the database, as a text for the operator, or None if it can."""
    found = list[str]()

    async def look() -> None:
        found.extend(await unknown())

    why = await trouble(look)
    return why or ("a newer version has changed the database" if found else None)


def refuse_unknown(names: Sequence[str]) -> None:
    """Raise NewerDatabase if `names`, the applied migrations that this version does not contain, is not empty."""
    if names:
        raise NewerDatabase(
            f"A newer version of Gatehouse has changed this database: it has {', '.join(names)}. Run that version or a"
            " later one, or restore the backup that was made before the upgrade."
        )


class NewerDatabase(Exception):
    """Raised if the database has migrations that this version does not contain.

    The message lists these migrations, and says what the operator can do.
    """


class _Names(list[str]):
    def __init__(self, total: int, progress: Progress) -> None:
        super().__init__()
        self._total = total
        self._progress = progress

    def note(self, event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            self.append(name)
            self._progress(len(self), self._total)


class _Executor(MigrationExecutor):
    # The editor runs in the transaction of `connection`, so that nested transactions become savepoints.
    def __init__(self, connection: BaseDBAsyncClient, migrations: str) -> None:
        super().__init__(connection, {APP: {"default_connection": CONNECTION, "migrations": migrations}})

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        state = LazyState({}, {APP: CONNECTION})
        for key in self._full_plan():
            if key == upto:
                break
            if key in applied and (migration := self.loader.graph.nodes[key]):
                await migration.apply(state, dry_run=True)
        return state

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:
        return schema_editor(self.connection)


def _is_sqlite(connection: BaseDBAsyncClient) -> bool:
    return connection.capabilities.dialect == "sqlite"


async def _lock(connection: BaseDBAsyncClient) -> None:
    if _is_sqlite(connection):
        return  # SQLite's transactions hold the write lock anyway
    await connection.execute_script("SET LOCAL lock_timeout = 0")
    await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [ADVISORY_LOCK])
    await connection.execute_script("SET LOCAL lock_timeout TO DEFAULT")  # the usual limit for locks of tables


@asynccontextmanager
async def _relations_unchecked() -> AsyncIterator[None]:
    """Turn off SQLite's foreign keys while the `with` statement runs. Do nothing with PostgreSQL."""
    # SQLite changes a table by rebuilding it. With foreign keys on, dropping the old table would delete all rows that
    # refer to it.
    connection = get_connection(CONNECTION)
    if not _is_sqlite(connection):
        yield
        return
    await connection.execute_query("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
    try:
        yield
    finally:
        await completed(connection.execute_query("PRAGMA foreign_keys = ON"))


async def _check_relations(connection: BaseDBAsyncClient) -> None:
    if _is_sqlite(connection):
        broken = await connection.execute_query_dict("PRAGMA foreign_key_check")
        if broken:
            raise RuntimeError(f"The migration leaves rows that refer to nothing: {broken[:10]}")
