"""The cookie of the refresh token. Only a request with the header `Gatehouse-Refresh: cookie` uses the cookie.

CORS lets pages on another origin send this header only if the origin is allowed.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from resolvers.core.context import RefreshCookie

HEADER = "Gatehouse-Refresh"
ASKS = "cookie"

NAME = "__Host-gatehouse-refresh"
"""The name of the cookie that contains the refresh token.

The prefix `__Host-` restricts the cookie. Browsers accept the cookie only over HTTPS or from localhost, and send it
only to the host that has set it.
"""

LONGEST = 200
"""The maximum length of a received cookie's value, in characters. A longer value counts as no cookie. Tokens are shorter.
"""

_LONGEST_ORIGIN = 200


def why_dropped(request: Request) -> str | None:
    """Return why the browser would drop the refresh token's cookie, as a sentence, or None if no reason is known.

    The cookie is SameSite=Strict, so a browser drops it if the page and the API are two sites. Browsers report this in
    `Sec-Fetch-Site`. Return None also if the request does not ask for the cookie.
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
    """Return the RefreshCookie of the request, and keep it in `request.state` for `write`.

    Its `received` is None if the request has no such cookie, or if the header `Gatehouse-Refresh: cookie` is missing.
    """
    is_asked_for = _is_asked_for(request)
    sent = request.cookies.get(NAME, "") if is_asked_for else ""
    cookie = RefreshCookie(is_asked_for, sent if 0 < len(sent) <= LONGEST else None)
    request.state.refresh_cookie = cookie
    return cookie


def write(request: Request, response: Response) -> None:
    """Set or clear the refresh token's cookie in `response`, if a resolver has asked for this.

    Do nothing if `read` was not called for the request.
    """
    cookie: RefreshCookie | None = getattr(request.state, "refresh_cookie", None)
    if cookie is None:
        return
    if cookie.new_token and cookie.lifetime:
        response.set_cookie(
            NAME,
            cookie.new_token,
            max_age=int(cookie.lifetime.total_seconds()),
            path="/",
            secure=True,
            httponly=True,
            samesite="strict",
        )
    elif cookie.is_cleared:
        response.delete_cookie(NAME, path="/", secure=True, httponly=True, samesite="strict")
