"""The outermost middleware: headers of all answers, including those of other middleware."""

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
"""Headers that are added unless the answer sets them."""

HSTS = (b"strict-transport-security", b"max-age=31536000")
"""One year, without subdomains: other hosts of the domain may not serve HTTPS."""

NEVER_STORED = "/graphql"


class ResponseHeaders:
    """ASGI middleware, outermost: add DEFAULTS and, if `is_public`, HSTS to answers over HTTPS.

    Answers of /graphql are never cached: they hold tokens or personal data, or depend on Accept.
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
        headers = list(given)  # names are in lower case, as ASGI wants them
        if scope["path"] == NEVER_STORED:
            headers = [header for header in headers if header[0] != b"cache-control"]
        names = {name for name, _ in headers}
        headers += [header for header in DEFAULTS if header[0] not in names]
        # The scheme is known by now: a trusted proxy's word has been taken on the way in.
        if self._is_public and scope["scheme"] == "https":
            headers.append(HSTS)
        return headers


class Application(Starlette):
    """A Starlette application that adds headers to every answer, its own error handler's among them, and never redirects.

    A redirect would be built from the Host header, and would have a client send its token there.
    """

    def __init__(self, *, is_public: bool, **given: Any) -> None:
        super().__init__(**given)
        self._is_public = is_public
        self.router.redirect_slashes = False

    def build_middleware_stack(self) -> ASGIApp:
        return ResponseHeaders(super().build_middleware_stack(), is_public=self._is_public)
