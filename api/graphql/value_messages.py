"""Show values as JSON in graphql-core's messages, not as Python literals."""

from __future__ import annotations

import ast
import re

import orjson

_NOT_NONE = re.compile(r"not to be None\.$")
_QUOTED_VALUE = re.compile(r"(?P<before>.*(?:found|value|represent[^:]*): )(?P<value>.+?)(?P<end>\.?)", re.DOTALL)


def values_as_json(message: str) -> str:
    """Return the message with its quoted value as JSON, such as `true` for `True`.

    A truncated value or a GraphQL literal stays unchanged.
    """
    message = _NOT_NONE.sub("not to be null.", message)
    quoted = _QUOTED_VALUE.fullmatch(message)
    if quoted is None:
        return message
    try:
        value = orjson.dumps(ast.literal_eval(quoted["value"])).decode()
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return message  # the value is a GraphQL literal or truncated
    return f"{quoted['before']}{value}{quoted['end']}"
