"""Global ids: opaque to clients, a type's name and a row's id to us."""

from __future__ import annotations

from uuid import UUID

import strawberry

from rules import global_ids
from rules.refusals import Code, Refusal

NOBODY = UUID(int=0)
"""An id that no row has: an id that names nothing is not the same as none given."""


def global_id(type_name: str, id: UUID) -> strawberry.ID:
    """The id that clients see; the same type and row always give the same text."""
    return strawberry.ID(global_ids.text_of(type_name, id))


def id_of(type_name: str, text: str | None) -> UUID | None:
    """The row's id in the global id of that type; None for malformed ids and ids of another type: they name nothing."""
    parsed = global_ids.parse(text) if text is not None else None
    return parsed[1] if parsed and parsed[0] == type_name else None


def ids_of(type_name: str, texts: list[strawberry.ID], field: str) -> list[UUID]:
    """The rows' ids of a filter; ids that name nothing match nothing. BAD_USER_INPUT for more than 1,000."""
    if len(texts) > 1000:
        raise Refusal(Code.BAD_USER_INPUT, f"{field} takes at most 1,000 ids.")
    return [id for text in texts if (id := id_of(type_name, text))]
