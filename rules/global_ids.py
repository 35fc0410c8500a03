"""Global ids as text: a type's name and a row's id, opaque to clients."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from uuid import UUID

_LONGEST = 200


def text_of(type_name: str, row_id: UUID) -> str:
    """Return the id that clients see; the same type and row always give the same text."""
    return b64encode(f"{type_name}:{row_id}".encode()).decode()


def parse(text: str) -> tuple[str, UUID] | None:
    """Return the type's name and the row's id, or None for a text that `text_of` does not return."""
    if len(text) > _LONGEST:
        return None
    try:
        type_name, _, raw = b64decode(text, validate=True).decode("ascii").partition(":")
        row_id = UUID(raw)
    except (Error, ValueError):
        return None
    return (type_name, row_id) if text_of(type_name, row_id) == text else None
