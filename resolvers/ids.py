"""Global ids: opaque to clients, a type's name and a row's id to us."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from uuid import UUID

import strawberry

from rules.refusals import Code, Refusal

NOBODY = UUID(int=0)
"""An id that no row has: an id that names nothing is not the same as none given."""


def global_id(type_name: str, id: UUID) -> strawberry.ID:
    """The id that clients see; the same type and row always give the same text."""
    return strawberry.ID(b64encode(f"{type_name}:{id}".encode()).decode())


def parse(text: str) -> tuple[str, UUID] | None:
    """The type's name and the row's id; None for everything that `global_id` would not have written."""
    if len(text) > 200:
        return None
    try:
        type_name, _, raw = b64decode(text, validate=True).decode("ascii").partition(":")
        id = UUID(raw)
    except (Error, ValueError):
        return None
    return (type_name, id) if global_id(type_name, id) == text else None


def id_of(type_name: str, text: str | None) -> UUID | None:
    """The row's id in the global id of that type; None for malformed ids and ids of another type: they name nothing."""
    parsed = parse(text) if text is not None else None
    return parsed[1] if parsed and parsed[0] == type_name else None


def ids_of(type_name: str, texts: list[strawberry.ID], field: str) -> list[UUID]:
    """The rows' ids of a filter; ids that name nothing match nothing. BAD_USER_INPUT for more than 1,000."""
    if len(texts) > 1000:
        raise Refusal(Code.BAD_USER_INPUT, f"{field} takes at most 1,000 ids.")
    return [id for text in texts if (id := id_of(type_name, text))]
