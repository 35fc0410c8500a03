"""The route `POST /introspect` (RFC 7662). Another service sends an access token, and learns its account and access.

The answer holds the current state of the database. A service learns only what the holder of the token could read from
the GraphQL API.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator, Mapping, Sequence
from hmac import compare_digest
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.core.log_origin import LogOrigin, coming_from
from api.security.access_tokens import AccessTokens, Claims
from models.auth import actors
from models.auth.actors import Acting
from models.db.database_errors import unavailable
from models.grants import catalogue, of_users
from models.grants.of_users import Grant
from models.portals import lookup as portals
from models.users.table import UserRow
from rules.access import Actor
from rules.auth.networks import network_of
from rules.global_ids import text_of
from rules.grants.kinds import TYPE_NAMES, GrantableKind
from rules.lifecycle.licenses import UserKind
from rules.refusals import Code, Refusal
from rules.security_events import SecurityEvent
from services import rate_limits
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

PATH = "/introspect"
FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 16 * 1024
"""The maximum number of bytes of a request's body."""

MOST_PARAMETERS = 10
"""The maximum number of parameters of a request."""

INACTIVE = {"active": False}


class BadIntrospection(Exception):
    """Raised if a request to `/introspect` is not valid. The answer has the status `status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def introspection_routes(
    credentials: Sequence[SecretStr],
    issuer: str,
    audience: str,
    runtime: Runtime,
    ports: SignInPorts,
    tokens: AccessTokens,
) -> Sequence[Route]:
    """Return the route `POST /introspect`, or no route if there are no credentials.

    Each credential is `name:secret`, which a service sends by HTTP Basic. `issuer` and `audience` are the claims `iss`
    and `aud` of access tokens.
    """
    known = [_digest(credential.get_secret_value()) for credential in credentials]

    async def introspect(request: Request) -> Response:
        address = request.client.host if request.client else "unknown"
        origin = LogOrigin(runtime.new_id().hex, network_of(address) if request.client else None)
        with coming_from(origin):
            response = await _respond(request, Caller(address, None))
        response.headers["X-Request-Id"] = str(origin.request_id)
        return response

    async def _respond(request: Request, caller: Caller) -> Response:
        try:
            if not _is_service(request, known):
                return await _refuse(caller)
            return JSONResponse(await _answer(await _token(request)))
        except BadIntrospection as bad:
            return _refused(bad.status, "invalid_request", str(bad))
        except Exception as problem:
            if unavailable(problem) or (isinstance(problem, Refusal) and problem.code is Code.UNAVAILABLE):
                return _refused(503, "temporarily_unavailable", "The database cannot be reached just now.")
            raise

    async def _refuse(caller: Caller) -> Response:
        """Refuse a caller without valid credentials: 401, or 429 after too many such calls of a network.

        Calls with valid credentials never get 429. One misconfigured service therefore does not stop other services of
        its network.
        """
        # Credentials are checked even after a 429. Their secrets are too long to be guessed.
        try:
            await rate_limits.count_refused_service(runtime, ports, caller)
        except Refusal as refusal:
            if refusal.retry_at is None:
                raise
            runtime.security.note(SecurityEvent.RATE_LIMITED, what=PATH)
            seconds = ceil((refusal.retry_at - runtime.now()).total_seconds())
            return _refused(429, "rate_limited", refusal.message, {"Retry-After": str(max(1, seconds))})
        runtime.security.note(SecurityEvent.SERVICE_REFUSED)
        challenge = {"WWW-Authenticate": 'Basic realm="gatehouse"'}
        return _refused(401, "invalid_client", "Send the name and the secret of a service.", challenge)

    async def _answer(token: str) -> dict[str, Any]:
        now = runtime.now()
        try:
            claims = tokens.verify(token, now)
        except Refusal:
            return INACTIVE
        acting = await actors.acting_with_row(claims.account_id, claims.session_id, now)
        # Until a required second factor is set up, the token is good for setting it up, and for nothing else.
        if acting is None or acting.actor.must_enroll:
            return INACTIVE
        return {"active": True, "iss": issuer, "aud": audience, **_of_token(claims), **await _of_account(acting)}

    return [Route(PATH, introspect, methods=["POST"])] if known else []


def _is_service(request: Request, known: Sequence[bytes]) -> bool:
    """Return whether the request has one of the credentials. The duration reveals no part of a credential."""
    given = [_digest(text) for text in _basic(request)]
    return sum(compare_digest(each, right) for each in given for right in known) > 0  # not any(): all are compared


def _basic(request: Request) -> Iterator[str]:
    """Yield the possible credentials `name:secret` of the request, at most two.

    Some clients encode name and secret as in a form (RFC 6749, 2.3.1), and others do not. Both are tried.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except (Error, ValueError):
        return
    name, _, secret = text.partition(":")
    yield from dict.fromkeys((text, f"{unquote_plus(name)}:{unquote_plus(secret)}"))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()


async def _token(request: Request) -> str:
    """Return the parameter `token` of the request. Raise BadIntrospection if the request does not have exactly one."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise BadIntrospection(415, f"Send the token with Content-Type: {FORM}.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadIntrospection(413, f"A request takes at most {MOST_BYTES} bytes.")
    try:
        given = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise BadIntrospection(400, "The body is not a form.") from None
    found = [value for name, value in given if name == "token"]
    if len(found) != 1 or not found[0]:
        raise BadIntrospection(400, "Send exactly one parameter token.")
    return found[0]


def _of_token(claims: Claims) -> dict[str, Any]:
    return {
        "token_type": "Bearer",
        "sub": str(claims.account_id),
        "sid": str(claims.session_id),
        "jti": str(claims.token_id),
        "exp": int(claims.expires_at.timestamp()),
    }


async def _of_account(acting: Acting) -> dict[str, Any]:
    """Return the account, its portal and its access. `portal` and `access` are None for MSSP staff."""
    actor, user = acting
    named = {"id": text_of("StaffMember" if actor.is_staff else "PortalUser", actor.id), "role": actor.role.value}
    if user is None:
        return {**named, "portal": None, "access": None}
    portal = (await portals.by_id(actor, [user.portal_id]))[user.portal_id].row
    return {
        **named,
        "portal": {"id": text_of("Portal", portal.id), "slug": portal.slug},
        "access": await _access(actor, user),
    }


async def _access(actor: Actor, user: UserRow) -> dict[str, Any]:
    held = (await of_users.grants(actor, [user.id])).get(user.id, [])
    if user.kind is UserKind.EXTERNAL:
        system = Grant(catalogue.system_group(user.portal_id), None)
        held = sorted([system, *held], key=lambda grant: grant.grantable.order)

    def of(kind: GrantableKind) -> list[dict[str, Any]]:
        return [_shown(grant) for grant in held if grant.grantable.kind is kind]

    return {
        "modules": of(GrantableKind.MODULE),
        "allSubAccounts": user.all_sub_accounts,
        "subAccounts": of(GrantableKind.SUB_ACCOUNT),
        "workspaces": of(GrantableKind.WORKSPACE),
        "groups": of(GrantableKind.GROUP),
        "appRoles": of(GrantableKind.APP_ROLE),
    }


def _shown(grant: Grant) -> dict[str, Any]:
    entry = grant.grantable
    shown = {"id": text_of(TYPE_NAMES[entry.kind], entry.id), "name": entry.name}
    if entry.kind is GrantableKind.APP_ROLE:
        shown["app"] = entry.app
    if grant.level is not None:
        shown["access"] = grant.level.value
    return shown


def _refused(status: int, error: str, why: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a refused request. The connection is closed, because the body may be unread."""
    content = {"error": error, "error_description": why}
    return JSONResponse(content, status_code=status, headers={**(headers or {}), "Connection": "close"})
