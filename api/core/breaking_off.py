"""Break off an answer after its headers are sent. The client then sees that the answer is not complete."""

from __future__ import annotations

from starlette.types import Scope

EXTENSION = "gatehouse.break_off"
"""The key in the `extensions` of an ASGI scope. The value is a function that closes the connection of the request."""


def break_off(scope: Scope) -> bool:
    """Close the connection of a request before its answer is complete. Return False if the server cannot do this.

    Earlier output is still delivered. The last chunk is missing, so clients report an error of the transfer.
    """
    close = (scope.get("extensions") or {}).get(EXTENSION)
    if close is None:
        return False
    close()
    return True
