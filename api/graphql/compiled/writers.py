"""Generated functions that write one object of the response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.graphql.compiled.leaves import FallsBack, Write


class Plain(NamedTuple):
    """One field of an object that `object_writer` writes.

    `response` is the field's name in the response. `value` is the Python expression of the field's value, such as
    `o.name`. If `value` is None, the field's value is `constant`. `write` completes the value. If `write` is None, the
    value is complete already. A required value must not be None.
    """

    response: str
    value: str | None
    write: Write | None = None
    is_required: bool = False
    constant: Any = None


def object_writer(fields: Sequence[Plain], of: type | None = None, *, beside: str = "", **names: Any) -> Any:
    """Return a new function that takes the source `o`, and returns an object of the response with these fields.

    The function raises FallsBack if `of` is given and `o` is no direct instance of `of`, or if a required value is
    None. `beside` is the name of a second parameter of the function, or empty. The expressions in `fields` can use `o`,
    `beside` and `names`. The compiled text contains no input of a client: the fields' names in the response are passed
    to the function as values.
    """
    scope: dict[str, Any] = {**names, "FallsBack": FallsBack, "of": of}
    lines = [
        f"def write(o{', ' + beside if beside else ''}):",
        *([" if type(o) is not of: raise FallsBack"] if of else []),
    ]
    entries = [f"r{i}: {_written(i, field, scope, lines)}" for i, field in enumerate(fields)]
    lines.append(f" return {{{', '.join(entries)}}}")
    exec("\n".join(lines), scope)  # noqa: S102  # the text holds no input, see above
    return scope["write"]


def _written(i: int, field: Plain, scope: dict[str, Any], lines: list[str]) -> str:
    """Add to `lines` the statements that complete field `i`. Return the Python expression of the completed value."""
    scope[f"r{i}"] = field.response
    if field.value is None:
        scope[f"v{i}"] = field.constant
        return f"v{i}"
    lines.append(f" v{i} = {field.value}")
    if field.is_required:
        lines.append(f" if v{i} is None: raise FallsBack")
    if field.write is not None:
        scope[f"w{i}"] = field.write
        lines.append(f" v{i} = w{i}(v{i})" if field.is_required else f" if v{i} is not None: v{i} = w{i}(v{i})")
    return f"v{i}"
