"""Security headers of every response, including error responses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULTS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""The headers that are added to each response that lacks them."""

HSTS = (b"strict-transport-security", b"max-age=31536000")
"""The value of Strict-Transport-Security: one year, for this host only.

includeSubDomains is left out, because other hosts of the domain could lack HTTPS.
"""

NEVER_STORED = "/graphql"


class ResponseHeaders:
    """The outermost ASGI middleware, which adds DEFAULTS to every response.

    With `is_public`, responses over HTTPS also get HSTS. Responses of /graphql get Cache-Control: no-store, because
    they can hold tokens or personal data.
    """

    def __init__(self, app: ASGIApp, *, is_public: bool) -> None:
        self._app = app
        self._is_public = is_public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(scope, message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _completed(self, scope: Scope, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        headers = list(given)  # ASGI requires names in lower case
        if scope["path"] == NEVER_STORED:
            headers = [header for header in headers if header[0] != b"cache-control"]
        names = {name for name, _ in headers}
        headers += [header for header in DEFAULTS if header[0] not in names]
        # The scheme is final: ProxyHeadersMiddleware has applied X-Forwarded-Proto of a trusted proxy.
        if self._is_public and scope["scheme"] == "https":
            headers.append(HSTS)
        return headers


class Application(Starlette):
    """A Starlette application that adds headers to every response and never redirects.

    Responses of Starlette's own error handler have the headers too. For a path with a superfluous slash, Starlette
    would redirect to the host in the Host header. The client would then send its token to that host.
    """

    def __init__(self, *, is_public: bool, **given: Any) -> None:
        super().__init__(**given)
        self._is_public = is_public
        self.router.redirect_slashes = False

    def build_middleware_stack(self) -> ASGIApp:
        return ResponseHeaders(super().build_middleware_stack(), is_public=self._is_public)
