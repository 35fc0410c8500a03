"""What keeps a server from starting in production, and the doors around the application."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.security import cookies
from api.settings import unsafe_settings
from api.settings.settings import Settings
from api.web.forwarding import ForwardedByStrangers
from api.web.host_names import LOOPBACK_NAMES, KnownHosts

LOOPBACK_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"


REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    cookies.HEADER,
    "X-Request-Id",
    *("traceparent", "tracestate"),  # of the caller's trace, which api/graphql/spans.py continues
    *("apollographql-client-name", "apollographql-client-version", "apollo-require-preflight"),  # Apollo's clients
)
"""What a frontend on another origin may send."""


def faults(settings: Settings, *, has_demo: bool) -> list[str]:
    """What has to be set or undone before a server may start with these settings, all of it.

    In development that is what names no setting, since it may be what was to make it production. A development page and
    introspection cannot be among it: production has the first nowhere (`api/app.py`), the other only where it is asked
    for.
    """
    found = unsafe_settings.misspelt()
    if settings.env == "development":
        return found
    found += [f"{lacking}." for lacking in settings.lacking]
    found += unsafe_settings.of_every_process(settings) + unsafe_settings.of_the_server(settings)
    if has_demo:
        found.append(
            "The database holds the demo, whose passwords are public: set GATEHOUSE_DATABASE_URL to another one."
        )
    return found


def middleware(settings: Settings) -> list[Middleware]:
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
    strangers = Middleware(ForwardedByStrangers, trusted=settings.trusted_proxies)
    return [
        *([strangers] if settings.env == "production" else []),
        *([proxies] if settings.trusted_proxies else []),
        Middleware(KnownHosts, names=names),
        frontends,
    ]
