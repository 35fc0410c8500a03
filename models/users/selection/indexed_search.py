"""Search for users with the index of search texts, if the database has the index and the text is rare.

Without the index, a search reads the list in its order until the page is full. For a common text, that is fast. For a
rare text, the whole list is read. A sample of the list shows whether a text is common.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.engines.search_index import NAME
from models.db.keyset.listings import Listing
from models.db.keyset.spans import spans
from models.db.rows import cells_of
from models.db.sql import Sql, all_of, fetch, is_postgres, sql
from models.users.lookup import managed_by
from models.users.selection.conditions import UserQuery, conditions, within
from models.users.table import UserRow
from rules.access import Actor
from rules.text import search

SAMPLE = 100
"""The number of rows that are read to estimate how common a text is."""

COMMON = 4
"""The number of matching rows in the sample from which a searched text counts as common.

A search for a common text does not use the index.
"""

MOST_HITS = 10_000
"""The maximum number of users that are read from the index.

If the index finds more users, the search does not use the index. It reads all users in the order of the page.
"""

SHORTEST = 3
"""The minimum number of characters of a word that the trigram index of search texts can find."""

_RUN = re.compile(r"[^\W_]{3}")
_ASCII_RUN = re.compile(r"[a-z0-9]{3}")


async def narrowed(actor: Actor, query: UserQuery, listing: Listing[UserRow], at: datetime) -> list[Sql]:
    """Return a list with one SQL condition on users (alias u), or an empty list. The condition narrows the search
    `query.search` to users that were found in the trigram index.

    Users who do not match the search can also meet the condition. The list is empty if the searched text is common, or
    if the index cannot be used for the text.
    """
    wanted = search.parse_user_search(query.search)
    words = [word for word in wanted.words if _is_indexable(word)]
    if not words:
        return []
    base = [managed_by(actor), *within(query)]
    rest = all_of(conditions(query, at))
    row = (await fetch(_sample(listing, all_of(base), rest)))[0]
    sampled, found, has_index, is_ascii = cells_of(row)
    if is_ascii:
        words = [word for word in words if _ASCII_RUN.search(word)]
    if not has_index or not words or sampled < SAMPLE or found >= COMMON:
        return []
    ids = await _hits(words, base, query.portal_id)
    if len(ids) > MOST_HITS:
        return []
    return [is_any_of("u.id", [*ids, wanted.id] if wanted.id else ids)]


def _is_indexable(word: str) -> bool:
    return bool(_RUN.search(word)) if is_postgres() else len(word) >= SHORTEST


def _sample(listing: Listing[UserRow], base: Sql, rest: Sql) -> Sql:
    """Return the query that tries the condition `rest` on a sample of the users that meet `base`. Its columns are:

    - `sampled` and `found`: the number of users in the sample, and how many of them meet `rest`.
    - `has_index`: whether the database has the index of the users' search texts.
    - `is_ascii`: whether PostgreSQL recognizes ASCII letters only (locale C), so that the index leaves out all others.
    """
    # The sample is the beginning of the list, or any users if the list is merged from branches.
    first, ordered = base, ""
    if not listing.branches and listing.source == "portal_user u":
        span = spans(listing.order, None)[0]
        first, ordered = all_of([base, span.where]), " ORDER BY " + ", ".join(term.ordered for term in span.order)
    counted = "SELECT COUNT(*) AS sampled, COUNT(CASE WHEN " + rest + " THEN 1 END) AS found, "
    if is_postgres():
        no_letters = "(SELECT datctype IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database())"
        about = f"to_regclass('{NAME}') IS NOT NULL AS has_index, {no_letters} AS is_ascii"
    else:
        about = f"EXISTS (SELECT 1 FROM sqlite_master WHERE name = '{NAME}') AS has_index, 0 AS is_ascii"
    return counted + about + " FROM (SELECT u.* FROM portal_user u WHERE " + first + f"{ordered} LIMIT {SAMPLE}) AS u"


async def _hits(words: Sequence[str], base: Sequence[Sql], portal_id: UUID | None) -> list[UUID]:
    source = "user_search s"
    if is_postgres():
        where = [sql("s.search_text LIKE ?", f"%{_escaped(word)}%") for word in words]
    else:
        source = f"{NAME} f CROSS JOIN user_search s ON s.id = f.rowid"
        where = [sql(f"f.{NAME} MATCH ?", " AND ".join(_quoted(word) for word in words))]
    if portal_id is not None:
        where.append(sql("s.portal_id = ?", portal_id))
    else:
        source += " JOIN portal_user u ON u.id = s.user_id"
        where += base
    rows = await fetch(f"SELECT s.user_id FROM {source} WHERE " + all_of(where) + f" LIMIT {MOST_HITS + 1}")
    return [UUID(str(cells_of(row)[0])) for row in rows]


def _escaped(word: str) -> str:
    """Return the word with its wildcards escaped, for a LIKE pattern."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def _quoted(word: str) -> str:
    """Return the word in quotes, as a phrase in SQLite's full-text search (FTS5)."""
    return '"' + word.replace('"', '""') + '"'
