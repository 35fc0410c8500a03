"""The route `GET /dev/token`. In development, it returns an access token for a demo account. The caller needs no password."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.core.local_callers import is_local
from models.db.database_errors import unavailable
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from rules.text.folding import login_key
from services.admin import demo
from services.auth import accounts, sign_in
from services.auth.sign_in import SignInResult
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

DEMO = {email: slug for email, slug, _ in demo.ACCOUNTS}


async def token(
    runtime: Runtime, ports: SignInPorts, caller: Caller, login: str, portal_slug: str | None
) -> SignInResult:
    """Open a session for the account with `login`, without a password. `portal_slug` is None for MSSP staff.

    Return the access token, or the reasons why the account cannot sign in (`blockers`). Raise Refusal(NOT_FOUND) if no
    account has the login.
    """
    account = await accounts.by_login(portal_slug, login_key(login))
    if account is None:
        if portal_slug:
            raise Refusal(OperatorMessage.NO_SUCH_ACCOUNT, login=login, portal=portal_slug)
        raise Refusal(OperatorMessage.NO_SUCH_STAFF_LOGIN, login=login)
    return await sign_in.open_session(runtime, ports, caller, account.key)


def dev_routes(runtime: Runtime, ports: SignInPorts) -> Sequence[Route]:
    """Return the route `GET /dev/token?account=LOGIN`, which GraphiQL calls to sign in.

    Without `account`, the first demo account signs in. Only callers on this machine get a token. Other callers get 403.
    """

    async def dev_token(request: Request) -> Response:
        if not is_local(request):
            return JSONResponse(
                {"error": "This page answers on localhost only, and not through a proxy."}, status_code=403
            )
        login = request.query_params.get("account") or demo.ACCOUNTS[0][0]
        caller = Caller(request.client.host if request.client else "unknown", "GraphiQL")
        try:
            if login not in DEMO:
                raise Refusal(OperatorMessage.NO_DEMO_ACCOUNT, login=login[:100])
            signed_in = await token(runtime, ports, caller, login, DEMO[login])
        except Refusal as refusal:
            return _answer({"error": refusal.message}, status=404)
        except Exception as problem:
            if unavailable(problem):
                return _answer({"error": "The database cannot be reached just now."}, status=503)
            raise
        if signed_in.token is None:
            return _answer(
                {"error": f"{login} cannot sign in: {', '.join(blocker.code for blocker in signed_in.blockers)}"},
                status=409,
            )
        return _answer(
            {
                "accessToken": signed_in.token.text,
                "expiresIn": signed_in.token.expires_in_seconds,
                "account": login,
                "accounts": list(DEMO),
            }
        )

    return [Route("/dev/token", dev_token)]


def _answer(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})
