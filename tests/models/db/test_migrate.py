"""A migration is applied completely or not at all, and keeps the data."""

from __future__ import annotations

import asyncio
import sys
from typing import Any
from uuid import uuid4

import pytest
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AlterModelOptions, Operation

from models.db.database import APP, CONNECTION, MIGRATIONS, TORTOISE, database
from models.db.migrate import migrate, pending
from tests.models.library.tables import Book, Loan, Reader, Shelf
from tests.support.databases import Database

LIBRARY = "tests.models.library.migrations"
LIBRARY_TABLES = ("tests.models.library.tables",)
FIRST = "tests.models.library.first"
BROKEN = "tests.models.library.broken_migrations"
EVERY_MIGRATION = ["0001_initial", "0002_plain_covers"]


async def test_the_models_agree_with_the_migrations_or_make_migration_was_forgotten() -> None:
    changes = await _changes(TORTOISE, MIGRATIONS)

    assert not changes, "run `make migration name=what_changes` and read what it wrote"


async def test_a_blank_database_gets_every_migration_in_order(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        before = await pending(LIBRARY)
        applied = await migrate(LIBRARY)
        after = await pending(LIBRARY)

    assert before == applied == EVERY_MIGRATION
    assert after == []


async def test_migrating_again_changes_nothing(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(LIBRARY)

        assert await migrate(LIBRARY) == []


async def test_a_migration_that_fails_leaves_the_database_as_it_was(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        with pytest.raises(ZeroDivisionError):
            await migrate(BROKEN)

        assert await _tables(blank_db) == set()
        assert await pending(BROKEN) == ["0001_one_table", "0002_one_mistake"]


async def test_processes_that_migrate_at_once_all_succeed_and_one_does_the_work(blank_db: Database) -> None:
    script = f"""
import asyncio
from models.db.database import database
from models.db.migrate import migrate
async def main():
    async with database({blank_db.url!r}, models={LIBRARY_TABLES!r}):
        return await migrate({LIBRARY!r})
print(len(asyncio.run(main())))
"""
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]

    outputs = [(await process.communicate())[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(int(output) for output in outputs) == [0, 0, len(EVERY_MIGRATION)]


async def test_tables_get_the_constraints_of_their_models(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(LIBRARY)
        shelf, owner = await _shelf_and_owner()
        book = await _book(shelf, owner, sort_key="emma", barcode="1")

        for forbidden in (
            {"sort_key": "emma"},
            {"sort_key": "persuasion", "barcode": "1"},
            {"sort_key": "persuasion", "pages": 0},
        ):
            with pytest.raises(IntegrityError):
                await _book(shelf, owner, **forbidden)

        await _book(shelf, owner, sort_key="persuasion")
        await _book(shelf, owner, sort_key="sanditon")  # no bar code either: the index leaves those out
        assert await Book.filter(id=book.id).exists()


async def test_relations_do_on_delete_what_their_models_say(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(LIBRARY)
        shelf, owner = await _shelf_and_owner()
        borrower = await Reader.create(id=uuid4(), name="Bob")
        book = await _book(shelf, owner, borrower_id=borrower.id)
        await Loan.create(id=uuid4(), book=book)

        with pytest.raises(IntegrityError):
            await owner.delete()
        await borrower.delete()
        assert (await Book.get(id=book.id).values("borrower_id")) == {"borrower_id": None}
        await shelf.delete()
        assert await Loan.all().count() == 0


async def test_keys_are_compared_byte_by_byte(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(LIBRARY)
        for label in ("a", "B", "ä", "A", "b"):
            await Shelf.create(id=uuid4(), label=label)

        shelves = await Shelf.all().order_by("label")

    assert [shelf.label for shelf in shelves] == ["A", "B", "a", "b", "ä"]


async def test_changing_a_table_keeps_its_rows_and_those_that_refer_to_it(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(FIRST)
        shelf, owner = await _shelf_and_owner()
        book = await _book(shelf, owner, title="Emma")  # the model lacks only a column that may be null
        await Loan.create(id=uuid4(), book=book)

        await migrate(LIBRARY)

        assert await Book.all().values_list("id", "title") == [(book.id, "Emma")]
        assert await Loan.all().values_list("book_id", flat=True) == [book.id]


async def test_changing_a_table_keeps_its_indexes(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(FIRST)
        before = await _indexes_of_book(blank_db)
        await migrate(LIBRARY)
        after = await _indexes_of_book(blank_db)

    assert after - before == {"book_by_key"}
    assert [name for name in before - after if "colour" not in name] == []


@pytest.mark.parametrize("blank_db", ["sqlite"], indirect=True)
async def test_a_trigger_is_one_statement_and_survives_its_table_being_rebuilt(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(FIRST)
        await get_connection(CONNECTION).execute_script(
            "CREATE TRIGGER shout AFTER INSERT ON book "
            "BEGIN UPDATE book SET title = upper(title) WHERE id = NEW.id; END"
        )
        await migrate(LIBRARY)
        shelf, owner = await _shelf_and_owner()

        book = await _book(shelf, owner, title="emma")

        assert (await Book.get(id=book.id)).title == "EMMA"


async def test_relations_are_checked_again_after_a_migration(blank_db: Database) -> None:
    async with database(blank_db.url, models=LIBRARY_TABLES):
        await migrate(LIBRARY)

        with pytest.raises(IntegrityError):
            await Loan.create(id=uuid4(), book_id=uuid4())


async def test_the_history_arrives_at_the_models() -> None:
    library: dict[str, Any] = {"connections": TORTOISE["connections"], "apps": {APP: {"models": list(LIBRARY_TABLES)}}}

    assert await _changes(library, LIBRARY) == []


async def _changes(config: dict[str, Any], migrations: str) -> list[Operation]:
    """Return the differences between the models and the migrations. Descriptions of tables may differ."""
    async with TortoiseContext() as context:
        await context.init(config)
        assert context.apps
        apps = {APP: {"default_connection": CONNECTION, "migrations": migrations}}
        writers = await MigrationAutodetector(context.apps, apps).changes()
    return [op for writer in writers for op in writer.operations if not isinstance(op, AlterModelOptions)]


async def _shelf_and_owner() -> tuple[Shelf, Reader]:
    return await Shelf.create(id=uuid4(), label="Austen"), await Reader.create(id=uuid4(), name="Ann")


async def _book(shelf: Shelf, owner: Reader, **properties: Any) -> Book:
    usual: dict[str, Any] = {"title": "Emma", "sort_key": "emma", "pages": 474}
    return await Book.create(id=uuid4(), shelf=shelf, owner=owner, **usual | properties)


async def _tables(db: Database) -> set[str]:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    }
    return {row["name"] for row in await get_connection(CONNECTION).execute_query_dict(catalogue[db.kind])}


async def _indexes_of_book(db: Database) -> set[str]:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'book'",
        "postgres": "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'book'",
    }
    return {row["name"] for row in await get_connection(CONNECTION).execute_query_dict(catalogue[db.kind])}
