"""What keeps a server from starting in production, and the doors around the application."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import cookies
from api.settings import Settings

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked by machines that know an address, not a name."""

LOOPBACK_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"


def faults(settings: Settings, *, has_demo: bool) -> list[str]:
    """What has to be set or undone before these settings may serve in production, all of it; empty in development.

    A development page, GraphiQL and introspection cannot be among it: production has the first nowhere (`api/app.py`),
    the others only where they are asked for (`Settings.serves_graphiql`).
    """
    if settings.env == "development":
        return []
    found = [f"{lacking}." for lacking in settings.lacking]
    if not settings.allowed_hosts:
        found.append("GATEHOUSE_ALLOWED_HOSTS is empty: set it to the names under which the server is reached.")
    if has_demo:
        found.append(
            "The database holds the demo, whose passwords are public: set GATEHOUSE_DATABASE_URL to another one."
        )
    return found


def doors(settings: Settings) -> list[Middleware]:
    """The doors around the application, outermost first: whose word counts for the caller's address, which names it
    answers under, which frontends may call from a browser."""
    proxies = Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    names = Middleware(_Named, names=settings.allowed_hosts)
    frontends = Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_origin_regex=LOOPBACK_ORIGIN if settings.env == "development" else None,
        allow_methods=("GET", "POST"),
        allow_headers=("Authorization", "Content-Type", cookies.HEADER),
        allow_credentials=True,  # the refresh token's cookie, for the origins named and no others
        expose_headers=("X-Request-Id",),
        max_age=600,
    )
    return [
        *([proxies] if settings.trusted_proxies else []),
        *([names] if settings.env == "production" else []),
        frontends,
    ]


class _Named:
    """Answers under the server's own names only; probes go by address."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...]) -> None:
        self._app = app
        self._named = TrustedHostMiddleware(app, allowed_hosts=names, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._app if scope["type"] != "http" or scope["path"] in PROBES else self._named
        await door(scope, receive, send)
