"""The optional index of the users' search texts: trigrams in PostgreSQL (pg_trgm, btree_gin) and in SQLite (FTS5).

Without the index, a search reads every user of the list. The index belongs to the table `user_search`, which triggers
fill with copies of the texts. A change of a user's other columns, such as the status, therefore does not write the
index.
"""

from __future__ import annotations

import asyncpg  # type: ignore[import-untyped]  # ships no types
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError

NAME = "user_search_text"
"""The name of the optional search index in the database."""

POSTGRES = f"""
CREATE TABLE user_search (user_id UUID PRIMARY KEY, portal_id UUID NOT NULL, search_text TEXT NOT NULL);

INSERT INTO user_search SELECT id, portal_id, search_text FROM portal_user;

CREATE INDEX {NAME} ON user_search USING gin (portal_id, search_text gin_trgm_ops) WITH (gin_pending_list_limit = 256);

CREATE FUNCTION user_search_insert() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO user_search SELECT n.id, n.portal_id, n.search_text FROM new_users n;
    RETURN NULL;
END $body$;

CREATE FUNCTION user_search_update() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    UPDATE user_search SET search_text = NEW.search_text WHERE user_id = NEW.id;
    RETURN NULL;
END $body$;

CREATE FUNCTION user_search_delete() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    DELETE FROM user_search s USING old_users o WHERE s.user_id = o.id;
    RETURN NULL;
END $body$;

CREATE TRIGGER user_search_insert AFTER INSERT ON portal_user REFERENCING NEW TABLE AS new_users
FOR EACH STATEMENT EXECUTE FUNCTION user_search_insert();

CREATE TRIGGER user_search_update AFTER UPDATE OF search_text ON portal_user
FOR EACH ROW WHEN (OLD.search_text IS DISTINCT FROM NEW.search_text) EXECUTE FUNCTION user_search_update();

CREATE TRIGGER user_search_delete AFTER DELETE ON portal_user REFERENCING OLD TABLE AS old_users
FOR EACH STATEMENT EXECUTE FUNCTION user_search_delete();

ANALYZE user_search;
"""

SQLITE = f"""
CREATE TABLE user_search (
    id INTEGER PRIMARY KEY, user_id CHAR(36) NOT NULL UNIQUE, portal_id CHAR(36) NOT NULL, search_text TEXT NOT NULL
);

INSERT INTO user_search (user_id, portal_id, search_text) SELECT id, portal_id, search_text FROM portal_user;

CREATE VIRTUAL TABLE {NAME} USING fts5(
    search_text, content = 'user_search', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
);

INSERT INTO {NAME} ({NAME}) VALUES ('rebuild');

CREATE TRIGGER user_search_insert AFTER INSERT ON portal_user
BEGIN
    INSERT INTO user_search (user_id, portal_id, search_text) VALUES (NEW.id, NEW.portal_id, NEW.search_text);
END;

CREATE TRIGGER user_search_update AFTER UPDATE OF search_text ON portal_user
WHEN NEW.search_text IS NOT OLD.search_text
BEGIN
    UPDATE user_search SET search_text = NEW.search_text WHERE user_id = NEW.id;
END;

CREATE TRIGGER user_search_delete AFTER DELETE ON portal_user
BEGIN
    DELETE FROM user_search WHERE user_id = OLD.id;
END;

CREATE TRIGGER user_search_text_insert AFTER INSERT ON user_search
BEGIN
    INSERT INTO {NAME} (rowid, search_text) VALUES (NEW.id, NEW.search_text);
END;

CREATE TRIGGER user_search_text_update AFTER UPDATE OF search_text ON user_search
BEGIN
    INSERT INTO {NAME} ({NAME}, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
    INSERT INTO {NAME} (rowid, search_text) VALUES (NEW.id, NEW.search_text);
END;

CREATE TRIGGER user_search_text_delete AFTER DELETE ON user_search
BEGIN
    INSERT INTO {NAME} ({NAME}, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
END;
"""


async def ensure(connection: BaseDBAsyncClient) -> None:
    """Create the trigram index of the users' search texts, unless it exists. Requires a transaction.

    Do nothing if the database has no extensions for such an index, or if its user cannot install them.
    """
    if await exists(connection):
        return
    is_postgres = connection.capabilities.dialect == "postgres"
    await connection.execute_script("SAVEPOINT search_index")  # a failure ends only what follows
    try:
        for attempt in _EXTENSIONS if is_postgres else (_FTS5,):
            await connection.execute_script(attempt)
    except (OperationalError, asyncpg.PostgresError):
        await connection.execute_script("ROLLBACK TO SAVEPOINT search_index")
        return
    await connection.execute_script(POSTGRES if is_postgres else SQLITE)


_EXTENSIONS = ("CREATE EXTENSION IF NOT EXISTS pg_trgm", "CREATE EXTENSION IF NOT EXISTS btree_gin")
_FTS5 = (
    "CREATE VIRTUAL TABLE user_search_probe USING fts5(text, tokenize = 'trigram case_sensitive 1');"
    "DROP TABLE user_search_probe;"
)


async def exists(connection: BaseDBAsyncClient) -> bool:
    """Return whether the database has the search index."""
    if connection.capabilities.dialect == "postgres":
        found = await connection.execute_query_dict(f"SELECT to_regclass('{NAME}') IS NOT NULL AS found")
    else:
        found = await connection.execute_query_dict(
            f"SELECT COUNT(*) AS found FROM sqlite_master WHERE name = '{NAME}'"
        )
    return bool(found[0]["found"])
