"""Cursors. A cursor is the text of a position in one list.

A cursor is refused for a list with another order or other conditions.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error, b2a_base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Any
from uuid import UUID

import orjson

from models.db.keyset.spans import Order, Position, SortColumn
from models.db.sql import stored_instant
from rules.refusals import Code, Refusal

VERSION = 1
"""The version of the cursor format. A cursor of another version is refused."""


def list_key(conditions: Mapping[str, object]) -> str:
    """Return a digest of the conditions that select the items of a list, or an empty text without conditions.

    `conditions` has the arguments as the client sent them, by name. A duration such as P7D therefore gives the same key
    in every request. None and an empty text count as no condition.
    """
    given = sorted((name, repr(value)) for name, value in conditions.items() if value is not None and value != "")
    return blake2b(repr(given).encode(errors="replace"), digest_size=6).hexdigest() if given else ""


def write_cursor(order: Order, position: Position, key: str = "") -> str:
    """Return the cursor of a position in a list. `order` is the list's order, and `key` is the list's `list_key`.

    A cursor contains VERSION, a digest of order and key, and the values of the position.
    """
    return cursor_writer(order, tuple(range(len(position))), key)(position)


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@lru_cache(maxsize=256)
def cursor_writer(order: Order, places: tuple[int, ...], key: str = "") -> Callable[[Any], str]:
    """Return a function that makes a cursor from a record.

    `places` are the indexes of the record's values that form the position. `order` and `key` are those of the list, as
    in `write_cursor`.
    """
    digest = _digest(order, key)
    values = itemgetter(*places) if len(places) > 1 else lambda record: (record[places[0]],)

    def write(record: Any) -> str:
        text = orjson.dumps((VERSION, digest, *values(record)), _text, orjson.OPT_PASSTHROUGH_DATETIME)
        return b2a_base64(text, newline=False).translate(_URL_SAFE, b"=").decode()

    return write


def _text(value: Any) -> str:
    if isinstance(value, UUID):  # asyncpg's class: orjson writes only instances of UUID itself
        return str(value)
    return stored_instant(value)


def read_cursor(order: Order, cursor: str, key: str = "") -> Position:
    """Return the position in a cursor. `order` and `key` are those of the list, as in `write_cursor`.

    Raise Refusal(BAD_USER_INPUT) if the cursor was written for another order or key.
    """
    digest: object = None
    position: Position = ()
    try:
        version, digest, *values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = tuple(_value(column, v) for column, v in zip(order, values, strict=True))
        is_valid = version == VERSION and write_cursor(order, position, key) == cursor
    except (Error, ValueError, TypeError, UnicodeEncodeError):
        is_valid = False
    if not is_valid:
        is_of_other_list = isinstance(digest, str) and digest != _digest(order, key)
        what = "belongs to another list, order or filter" if is_of_other_list else "is not one of this list"
        raise Refusal(Code.BAD_USER_INPUT, f"The cursor {what}. Start again without a cursor.")
    return position


def _value(column: SortColumn, value: object) -> Any:
    """Return a value from a cursor in the column's type. Raise ValueError if no row can have the value."""
    if column.kind is UUID:
        return UUID(str(value))
    if column.kind is datetime:
        return _in_utc(datetime.fromisoformat(str(value)))
    if type(value) is not column.kind:
        raise ValueError("a value of another type")
    if isinstance(value, int) and not 0 <= value <= column.largest:
        raise ValueError("a number out of range")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a character that PostgreSQL does not store")
    return value


def _in_utc(instant: datetime) -> datetime:
    if instant.utcoffset() != timedelta():
        raise ValueError("an instant that is not in UTC")
    return instant


@lru_cache(maxsize=256)
def _digest(order: Order, key: str) -> str:
    return blake2b(",".join([*(column.ordered for column in order), key]).encode(), digest_size=6).hexdigest()
