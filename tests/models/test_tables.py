"""The columns of foreign keys are indexed. Otherwise, to delete a row would scan each table that refers to the row."""

from __future__ import annotations

from models.db.rows import cells_of
from models.db.sql import Sql, fetch
from tests.support.databases import Database

FOREIGN_KEYS = {
    "postgres": Sql(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace"
    ),
    "sqlite": Sql(
        "SELECT m.name, f.\"from\" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
    ),
}
FIRST_COLUMNS = {
    "postgres": Sql(
        "SELECT i.indrelid::regclass::text, a.attname FROM pg_index i"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indpred IS NULL"
    ),
    "sqlite": Sql(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_index_list(m.name) i"
        " JOIN pragma_index_info(i.name) c WHERE m.type = 'table' AND c.seqno = 0 AND i.partial = 0"
    ),
}
"""Maps a kind of database to the SQL statement that reads the table and the first column of each index."""


async def test_every_foreign_key_is_the_first_column_of_an_index(db: Database) -> None:
    keys = {(str(table), str(column)) for table, column in map(cells_of, await fetch(FOREIGN_KEYS[db.kind]))}

    indexed = {(str(table), str(column)) for table, column in map(cells_of, await fetch(FIRST_COLUMNS[db.kind]))}

    assert len(keys) > 20
    assert sorted(keys - indexed) == []
