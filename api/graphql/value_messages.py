"""Change the messages of graphql-core about values: show a value as JSON, not as a Python literal."""

from __future__ import annotations

import ast
import re

import orjson

_NOT_NONE = re.compile(r"not to be None\.$")
_QUOTED_VALUE = re.compile(r"(?P<before>.*(?:found|value|represent[^:]*): )(?P<value>.+?)(?P<end>\.?)", re.DOTALL)


def values_as_json(message: str) -> str:
    """Return the message with its quoted value written as JSON.

    If the value is truncated or is a GraphQL literal, the message stays unchanged.
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
