"""The cookie of the refresh token. Only a request with a certain header uses the cookie.

Pages of other sites cannot send this header.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from resolvers.core.context import RefreshCookie

HEADER = "Gatehouse-Refresh"
ASKS = "cookie"

NAME = "__Host-gatehouse-refresh"
"""The name of the cookie.

With the prefix `__Host-`, browsers accept it only over HTTPS or from localhost, for one host.
"""

LONGEST = 200
"""The maximum number of characters of a cookie that is read. Every token is shorter."""

_LONGEST_ORIGIN = 200


def why_dropped(request: Request) -> str | None:
    """Return why the browser would drop the cookie that the request asks for. Return None if there is no such reason.

    A browser keeps the cookie only if the page and the API are the same site, because the cookie is SameSite=Strict. The
    browser says in `Sec-Fetch-Site` whether they are; other clients do not send this header.
    """
    if not _is_asked_for(request) or request.headers.get("sec-fetch-site") != "cross-site":
        return None
    page = request.headers.get("origin", "the page")[:_LONGEST_ORIGIN]
    api = f"{request.url.scheme}://{request.url.netloc}"
    return (
        f"The browser would drop the cookie of the refresh token: {page} and {api} are two sites. Use one host name for"
        f" the page and the API, such as localhost, or omit the header {HEADER}."
    )


def _is_asked_for(request: Request) -> bool:
    return request.headers.getlist(HEADER) == [ASKS]


def read(request: Request) -> RefreshCookie:
    """Return the cookie with the refresh token of the request. Also store the cookie in `request.state` for `write`."""
    is_asked_for = _is_asked_for(request)
    sent = request.cookies.get(NAME, "") if is_asked_for else ""
    cookie = RefreshCookie(is_asked_for, sent if 0 < len(sent) <= LONGEST else None)
    request.state.refresh_cookie = cookie
    return cookie


def write(request: Request, response: Response) -> None:
    """Set or clear the cookie in the response if a resolver has requested this. Requires an earlier call of `read`."""
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
