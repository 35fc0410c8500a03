"""What keeps a server from starting in production, and the doors around the application."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import cookies
from api.host_names import LOOPBACK_NAMES, KnownHosts
from api.settings import Settings

LOOPBACK_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"


REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    cookies.HEADER,
    "X-Request-Id",
    *("traceparent", "tracestate"),  # of the caller's trace, which api/spans.py continues
    *("apollographql-client-name", "apollographql-client-version", "apollo-require-preflight"),  # Apollo's clients
)
"""What a frontend on another origin may send."""


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
    """Return the middleware around the application, outermost first: whose word counts for the caller's address, which
    names it answers under, which frontends may call from a browser."""
    in_development = settings.env == "development"
    names = (*settings.allowed_hosts, *(LOOPBACK_NAMES if in_development else ()))
    proxies = Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    frontends = Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_origin_regex=LOOPBACK_ORIGIN if in_development else None,
        allow_methods=("GET", "POST"),
        allow_headers=REQUEST_HEADERS,
        allow_credentials=True,  # the refresh token's cookie, for the origins named and no others
        expose_headers=("X-Request-Id",),
        max_age=600,
    )
    return [*([proxies] if settings.trusted_proxies else []), Middleware(KnownHosts, names=names), frontends]
