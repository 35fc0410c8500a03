"""Run an operator's command as an account, with a session that the audit log records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rules.access import Actor
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from rules.security_events import SecurityEvent
from rules.text.folding import login_key
from services.auth import accounts, sessions, sign_in
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

ADDRESS = "command line"
"""The text that is stored in place of a network address in sessions of commands."""


@asynccontextmanager
async def acting_as(
    runtime: Runtime, ports: SignInPorts, login: str, portal_slug: str | None, command: str
) -> AsyncIterator[Actor]:
    """Sign in as an account without its password, and sign out after the body of the `with` statement.

    The account is the member of staff with the login `login`. If there is none, it is the user of the portal
    `portal_slug` with this login. The security log and the session's user agent contain the name `command`. Raise
    Refusal(NOT_FOUND) if there is no such account, or Refusal(NOT_ALLOWED) if the account cannot sign in.
    """
    key = login_key(login)
    account = await accounts.by_login(None, key) or (await accounts.by_login(portal_slug, key) if portal_slug else None)
    if account is None and portal_slug:
        raise Refusal(OperatorMessage.NO_SUCH_ACCOUNT, login=login, portal=portal_slug)
    if account is None:
        raise Refusal(OperatorMessage.NO_SUCH_STAFF_LOGIN, login=login)
    signed_in = await sign_in.open_session(runtime, ports, Caller(ADDRESS, f"gatehouse {command}"), account.key)
    if signed_in.acting is None:
        blockers = ", ".join(blocker.code for blocker in signed_in.blockers)
        raise Refusal(OperatorMessage.CANNOT_ACT, login=login, blockers=blockers)
    actor = signed_in.acting.actor
    runtime.security.note(
        SecurityEvent.COMMAND_RUN,
        account_id=actor.id,
        portal_id=actor.portal_id,
        mssp_id=actor.mssp_id,
        session_id=actor.session_id,
        what=command,
    )
    try:
        yield actor
    finally:
        await sessions.sign_out(runtime, actor, None, everywhere=False)
