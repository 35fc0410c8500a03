"""The ASGI middleware of the application, in order."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.core.local_callers import LOOPBACK_NAMES
from api.security import cookies
from api.settings.settings import Settings
from api.web.forwarding import UntrustedProxyWarning
from api.web.known_hosts import KnownHosts

LOOPBACK_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    cookies.HEADER,
    "X-Request-Id",
    "traceparent",
    "tracestate",  # the client's trace, which api/graphql/request_spans.py continues
    "apollographql-client-name",
    "apollographql-client-version",
    "apollo-require-preflight",  # Apollo's clients
)
"""The request headers that CORS allows a frontend on another origin to send."""


def middleware(settings: Settings) -> list[Middleware]:
    """Return the middleware, outermost first: proxy headers, host names, and CORS.

    Proxy headers are read only if `trusted_proxies` is set. In production, UntrustedProxyWarning is the outermost.
    """
    in_development = settings.env == "development"
    names = (*settings.allowed_hosts, *(LOOPBACK_NAMES if in_development else ()))
    proxies = Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    frontends = Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_origin_regex=LOOPBACK_ORIGIN if in_development else None,
        allow_methods=("GET", "POST"),
        allow_headers=REQUEST_HEADERS,
        allow_credentials=True,  # only allowed origins may send the refresh token's cookie
        expose_headers=("X-Request-Id", "Content-Disposition"),
        max_age=600,
    )
    warning = Middleware(UntrustedProxyWarning, trusted=settings.trusted_proxies)
    return [
        *([warning] if settings.env == "production" else []),
        *([proxies] if settings.trusted_proxies else []),
        Middleware(KnownHosts, names=names),
        frontends,
    ]
