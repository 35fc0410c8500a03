"""Generate the Python functions that write the objects of a response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from api.graphql.compiled.leaves import Exactly, FallsBack, Write


class Plain(NamedTuple):
    """One field of an object that `object_writer` writes.

    - `response`: the field's name in the response
    - `value`: the Python expression of the field's value, such as `o.name`
    - `write`: completes the value; None if the value is complete already
    - `is_required`: whether the value must not be None
    - `constant`: the value, if it is the same in every object, such as the name of a type; requires that `value` is
      None
    - `fields`: the fields of the value, if the value is an object; requires that `value` is None
    """

    response: str
    value: str | None
    write: Write | None = None
    is_required: bool = False
    constant: Any = None
    fields: Sequence[Plain] | None = None


def object_writer(fields: Sequence[Plain], of: type | None = None, *, beside: str = "", **names: Any) -> Any:
    """Generate a function that makes an object of the response from a Python object or a record.

    - `fields`: the fields of the object in the response.
    - `of`: the required class of the Python object. None allows every class.
    - `beside`: the name of a second parameter. Without it, the function has only the parameter `o`, the object or
      record.
    - `names`: values that the expressions in `fields` can use besides the parameters.

    The function raises FallsBack if `o` has another class than `of`, or if a required value is None. The generated text
    contains no input of a client: the fields' names in the response are passed as values.
    """
    scope: dict[str, Any] = {**names, "FallsBack": FallsBack, "of": of}
    lines = [
        f"def write(o{', ' + beside if beside else ''}):",
        *([" if type(o) is not of: raise FallsBack"] if of else []),
    ]
    lines.append(f" return {_object('', fields, scope, lines)}")
    exec("\n".join(lines), scope)  # noqa: S102  # the text holds no input, see above
    return scope["write"]


# The two functions append statements to `lines`, put the values that these use into `scope`, and return an expression.
def _object(prefix: str, fields: Sequence[Plain], scope: dict[str, Any], lines: list[str]) -> str:
    entries = [f"r{prefix}{i}: {_written(f'{prefix}{i}', field, scope, lines)}" for i, field in enumerate(fields)]
    return f"{{{', '.join(entries)}}}"


def _written(i: str, field: Plain, scope: dict[str, Any], lines: list[str]) -> str:
    scope[f"r{i}"] = field.response
    if field.fields is not None:
        return _object(f"{i}_", field.fields, scope, lines)
    if field.value is None:
        scope[f"v{i}"] = field.constant
        return f"v{i}"
    lines.append(f" v{i} = {field.value}")
    if field.is_required:
        lines.append(f" if v{i} is None: raise FallsBack")
    if field.write is not None:
        needs_write = [] if field.is_required else [f"v{i} is not None"]
        if isinstance(field.write, Exactly):
            scope[f"k{i}"] = field.write.kind
            needs_write.append(f"type(v{i}) is not k{i}")
        scope[f"w{i}"] = field.write
        lines.append(f" {'if ' + ' and '.join(needs_write) + ': ' if needs_write else ''}v{i} = w{i}(v{i})")
    return f"v{i}"
