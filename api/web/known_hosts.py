"""The check of the Host header against the server's host names."""

from __future__ import annotations

from collections.abc import Collection

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.core.local_callers import host_name, hosts, matches_any

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""The paths that monitoring systems request by the server's IP address."""


class KnownHosts:
    """ASGI middleware that answers 400 if the Host header matches none of `names`.

    `names` can contain patterns such as *.example.org. Paths in PROBES accept any well-formed Host header, or none.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_let_in(scope):
            await self._app(scope, receive, send)
        else:
            refusal = PlainTextResponse("The Host header names none of this server's names.", status_code=400)
            await refusal(scope, receive, send)

    def _is_let_in(self, scope: Scope) -> bool:
        name = host_name(scope)
        if scope["path"] in PROBES:
            return name is not None or not hosts(scope)
        return matches_any(name, self._names)
