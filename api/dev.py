"""What development offers and production does not have: a token for a demo account, without its password."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from models import credentials
from models.database_errors import unavailable
from rules.refusals import Code, Refusal
from rules.text import login_key
from services import demo, sign_in
from services.desk import Caller, SignInDesk
from services.sign_in import SignedIn
from services.work import Work

DEMO = {email: slug for email, slug, _ in demo.ACCOUNTS}
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


async def token(work: Work, desk: SignInDesk, caller: Caller, login: str, portal_slug: str | None) -> SignedIn:
    """A session without a password; Refusal NOT_FOUND for an account that is not there."""
    key = login_key(login)
    if portal_slug is None:
        member = await credentials.staff_member(key)
        id = member.member.id if member else None
    else:
        account = await credentials.portal_account(portal_slug, key)
        id = account.user.id if account else None
    if id is None:
        where = f"in the portal {portal_slug}" if portal_slug else "among the staff"
        raise Refusal(Code.NOT_FOUND, f"There is no account {login} {where}.")
    return await sign_in.open_session(work, desk, caller, id, is_staff=portal_slug is None)


def dev_routes(work: Work, desk: SignInDesk) -> Sequence[Route]:
    """`GET /dev/token?account=`: what GraphiQL signs in with."""

    async def dev_token(request: Request) -> Response:
        if not is_local(request):
            return JSONResponse({"error": "This page answers on localhost only."}, status_code=403)
        login = request.query_params.get("account") or demo.ACCOUNTS[0][0]
        caller = Caller(request.client.host if request.client else "unknown", "GraphiQL")
        try:
            if login not in DEMO:
                raise Refusal(Code.NOT_FOUND, f"{login[:100]} is no demo account.")
            signed_in = await token(work, desk, caller, login, DEMO[login])
        except Refusal as no:
            return _answer({"error": no.message}, status=404)
        except Exception as problem:
            if unavailable(problem):
                return _answer({"error": "The database cannot be reached just now."}, status=503)
            raise
        if signed_in.token is None:
            return _answer({"error": f"{login} cannot sign in: {', '.join(signed_in.blockers)}"}, status=409)
        return _answer(
            {
                "accessToken": signed_in.token.text,
                "expiresIn": signed_in.token.expires_in_seconds,
                "account": login,
                "accounts": list(DEMO),
            }
        )

    return [Route("/dev/token", dev_token)]


def is_near(request: Request) -> bool:
    """Whether the caller is on this machine, by the address it calls from."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:  # a name, as of a socket in the file system
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_local(request: Request) -> bool:
    """Only callers on this machine, and only pages of it: another site's name that leads here (DNS rebinding) gets
    nothing."""
    if not is_near(request):
        return False
    host = request.headers.get("host", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name in LOCAL_HOSTS and request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _answer(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
