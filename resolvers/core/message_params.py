"""The named values of a message, so that a client can build the message in another language."""

from __future__ import annotations

from collections.abc import Mapping

import strawberry

MOST_PARAMS = 5
"""The maximum number of values in a message."""


@strawberry.type(description="A named value in a message. With the code, the values are enough to build the message.")
class MessageParam:
    name: str = strawberry.field(description="The name of the value, for instance `field` or `maximum`.")
    value: str = strawberry.field(
        description="The value as text: a name, a number without separators, an enum value, or an instant."
    )


def message_params(given: Mapping[str, str]) -> list[MessageParam]:
    """Return a MessageParam for each item of `given`, in the same order."""
    return [MessageParam(name=name, value=value) for name, value in given.items()]
