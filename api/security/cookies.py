"""The refresh token's cookie: for browsers that ask for it by a header, which pages of other sites cannot send."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from resolvers.core.context import RefreshCookie

HEADER = "Gatehouse-Refresh"
ASKS = "cookie"

NAME = "__Host-gatehouse-refresh"
"""With this prefix browsers take it from this very host only, over HTTPS (or from their own machine), for every path."""

LONGEST = 200
"""Characters; no token is as long."""


def read(request: Request) -> RefreshCookie:
    """What the request says of the cookie; `write` finds it again when the answer is there."""
    is_asked_for = request.headers.getlist(HEADER) == [ASKS]
    sent = request.cookies.get(NAME, "") if is_asked_for else ""
    cookie = RefreshCookie(is_asked_for, sent if 0 < len(sent) <= LONGEST else None)
    request.state.refresh_cookie = cookie
    return cookie


def write(request: Request, response: Response) -> None:
    """Sets or clears the cookie, if that was decided while the request was answered."""
    cookie: RefreshCookie | None = getattr(request.state, "refresh_cookie", None)
    if cookie is None:
        return
    if cookie.kept and cookie.kept_for:
        response.set_cookie(
            NAME,
            cookie.kept,
            max_age=int(cookie.kept_for.total_seconds()),
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )
    elif cookie.is_cleared:
        response.delete_cookie(NAME, path="/", secure=True, httponly=True, samesite="strict")
