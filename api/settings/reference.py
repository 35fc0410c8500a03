"""The README's table of settings, generated from the class Settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from api.settings.settings import PREFIX, Settings
from api.settings.types import ByDefault

HEAD = "| variable | default | meaning |\n|---|---|---|\n"


def settings_table() -> str:
    """Return the table in Markdown, with a row for each field of `Settings` in the order of the class."""
    return HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def with_settings_table(text: str) -> str:
    """Return `text` with its table of settings replaced by the current table. Raise ValueError if `text` has no table."""
    before, head, rest = text.partition(HEAD)
    if not head:
        raise ValueError(f"The text has no table that begins with: {HEAD.splitlines()[0]}")
    _, blank, after = rest.partition("\n\n")
    return before + settings_table() + blank[1:] + after


def _row(name: str, field: FieldInfo) -> str:
    if not field.description:
        raise ValueError(f"The setting {name} has no docstring.")
    return (
        f"| `{PREFIX}{name.upper()}` | {_default(field)} | {' '.join(field.description.split()).removesuffix('.')} |\n"
    )


def _default(field: FieldInfo) -> str:
    words = [each.words for each in field.metadata if isinstance(each, ByDefault)]
    if words:
        return words[0]
    return "none" if field.default in (None, ()) else f"`{_written(field.default)}`"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(TypeAdapter(timedelta).dump_python(value, mode="json")) if isinstance(value, timedelta) else str(value)
