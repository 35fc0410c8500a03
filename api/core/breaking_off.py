"""Break off an answer after its headers are sent. The client then sees that the answer is not complete."""

from __future__ import annotations

from starlette.types import Scope

EXTENSION = "gatehouse.break_off"
"""The key in the `extensions` of an ASGI scope. The value is a function that closes the connection of the request."""


def break_off(scope: Scope) -> bool:
    """Close the connection of a request before the answer is complete. Return False if the server cannot do this.

    Output that was sent before is still delivered. The answer then lacks the last chunk, which clients report as an
    error of the transfer.
    """
    close = (scope.get("extensions") or {}).get(EXTENSION)
    if close is None:
        return False
    close()
    return True
