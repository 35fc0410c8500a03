"""Convert between row ids and the global ids of the schema."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import strawberry

from rules import global_ids
from rules.refusals import Code, Refusal

NO_ROW_ID = UUID(int=0)
"""An id that no row has. It replaces a malformed id in a filter, which then matches no row."""

MAX_FILTER_IDS = 1_000


def global_id(type_name: str, row_id: UUID | str) -> strawberry.ID:
    """Return the global id of a row. Equal arguments always give the same id."""
    return strawberry.ID(global_ids.text_of(type_name, row_id))


def id_of(type_name: str, text: str | None) -> UUID | None:
    """Return the row id in a global id. Return None if `text` is None, malformed, or an id of another type."""
    parsed = global_ids.parse(text) if text is not None else None
    return parsed[1] if parsed and parsed[0] == type_name else None


def ids_of(type_name: str, texts: Sequence[strawberry.ID], field: str) -> list[UUID]:
    """Return the row ids in the global ids of a filter. Malformed ids and ids of other types are ignored.

    Raise Refusal(BAD_USER_INPUT) if there are more than MAX_FILTER_IDS ids. The message names the filter's `field`.
    """
    if len(texts) > MAX_FILTER_IDS:
        raise Refusal(Code.BAD_USER_INPUT, f"{field} takes at most {MAX_FILTER_IDS:,} ids.")
    return [row_id for text in texts if (row_id := id_of(type_name, text))]
