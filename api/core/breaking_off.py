"""Break off an answer whose headers are sent, so that its client sees that the rest is missing."""

from __future__ import annotations

from starlette.types import Scope

EXTENSION = "gatehouse.break_off"
"""The key in the `extensions` of an ASGI scope. The value is a function that closes the connection of the request."""


def break_off(scope: Scope) -> bool:
    """Close the connection of a request without the end of its answer. Return False if the server cannot do this.

    What was sent before is still delivered. The client misses the last chunk, which is an error of the transfer.
    """
    close = (scope.get("extensions") or {}).get(EXTENSION)
    if close is None:
        return False
    close()
    return True
