"""The steps of the journeys. Each step calls the API as a client does, and asserts that the step had its effect."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pyotp

from api import app as server
from api.mail.smtp import SmtpTransport
from api.mail.worker import MailWorker
from tests.support.mail.smtp import MailServer, Received
from tests.support.world import Ask, Person, World

STRANGER = "203.0.113.9"
"""A network address from which no account has signed in."""

INVITE = """
mutation ($input: InviteUsersInput!) {
  inviteUsers(input: $input) {
    outcomes { label status reason { code } inviteLink user { id status invitation { state } } }
    errors { code path }
  }
}
"""
SESSION = """
session { accessToken refreshToken mustEnrollMfa viewer { id ... on PortalUser { status portal { startPageUrl } } } }
mfaChallenge { challengeToken }
passwordChange { token }
blockers { code }
errors { code }
"""
SIGN_IN = f"mutation ($input: SignInInput!) {{ signIn(input: $input) {{ {SESSION} }} }}"
CHALLENGE = f"mutation ($input: CompleteMfaChallengeInput!) {{ completeMfaChallenge(input: $input) {{ {SESSION} }} }}"
ACCEPT = f"mutation ($input: AcceptInvitationInput!) {{ acceptInvitation(input: $input) {{ {SESSION} }} }}"
REGISTER = f"mutation ($input: CompleteRegistrationInput!) {{ completeRegistration(input: $input) {{ {SESSION} }} }}"
PREVIEW = "query ($token: String!) { invitationPreview(token: $token) { nextStep portalSlug missingFields } }"
ERRORS = "errors { code }"


@dataclass
class Story:
    """One user's life in a portal. The steps read only answers and mails, not the database."""

    ask: Ask
    world: World
    mail: MailServer
    worker: MailWorker
    transport: SmtpTransport
    slug: str
    login: str = ""
    password: str = ""
    id: str = ""
    totp: pyotp.TOTP | None = None
    session: dict[str, Any] = field(default_factory=dict)

    async def do(self, document: str, *, actor: Person | None = None, bearer: str | None = None, **input: Any) -> Any:
        """Run a mutation with one root field, and return its payload."""
        reply = await self.ask(document, actor=actor, token=bearer, input=input)
        assert not reply.errors, reply.errors
        (payload,) = reply.data.values()
        return payload

    async def mailed(self) -> list[Received]:
        """Send the queued mails, and return the mails that the mail server has received."""
        await self.world.parts.runtime.transactions.wait_until_idle()
        before = len(self.mail.received)
        while await self.worker.send_next(self.transport):
            pass
        await self.transport.disconnect()
        return self.mail.received[before:]

    async def mailed_link(self) -> str:
        """Send the queued mails. Exactly one must have a link. Return the link's token."""
        (token,) = [mail.token for mail in await self.mailed() if "#token=" in mail.text]
        return token

    async def invited(self, by: Person, invitee: dict[str, str], **input: Any) -> str:
        """Invite a new user and return the token of the mailed or returned link."""
        portal_id = (await self.ask("{ portals { nodes { id slug } } }", actor=by)).data["portals"]["nodes"]
        (portal,) = [node["id"] for node in portal_id if node["slug"] == self.slug]
        payload = await self.do(
            INVITE, actor=by, target={"newUsers": {"portalId": portal, "invitees": [invitee]}}, **input
        )
        assert payload["errors"] == []
        (outcome,) = payload["outcomes"]
        assert (outcome["status"], outcome["user"]["status"]) == ("SUCCEEDED", "PROVISIONED")
        assert outcome["user"]["invitation"]["state"] == "PENDING"
        assert outcome["user"]["id"] != self.id
        self.id, self.totp = outcome["user"]["id"], None
        if outcome["inviteLink"]:
            assert await self.mailed() == []
            return str(outcome["inviteLink"].partition("#token=")[2])
        return await self.mailed_link()

    async def accepted(self, token: str, password: str, **data: Any) -> None:
        """Accept an invitation with a password. `data` has the other fields that the portal requires."""
        await self._previewed(token, "SET_PASSWORD")
        self._entered(await self.do(ACCEPT, token=token, password=password, **data), password)
        await self._previewed(token, "SIGN_IN")

    async def registered(self, token: str, email: str, password: str, **data: Any) -> None:
        """Register with an address, the mailed code, a password, and the other required fields in `data` (E12)."""
        await self._previewed(token, "REGISTER")
        started = await self.do(
            f"mutation ($input: StartRegistrationInput!) {{ startRegistration(input: $input) {{ codeExpiresAt {ERRORS} }} }}",
            invitationToken=token,
            email=email,
        )
        assert started["errors"] == []
        (mail,) = await self.mailed()
        (code,) = re.findall(r"^\d{6}$", mail.text, re.MULTILINE)
        confirm = (
            "mutation ($input: ConfirmRegistrationInput!)"
            f" {{ confirmRegistration(input: $input) {{ registrationToken {ERRORS} }} }}"
        )
        wrong = await self.do(confirm, invitationToken=token, email=email, code=f"{(int(code) + 1) % 1_000_000:06d}")
        assert wrong == {"registrationToken": None, "errors": [{"code": "INVALID_TOKEN"}]}  # E13
        confirmed = await self.do(confirm, invitationToken=token, email=email, code=code)
        assert confirmed["errors"] == []
        self._entered(
            await self.do(REGISTER, registrationToken=confirmed["registrationToken"], password=password, **data),
            password,
        )

    async def enrolled(self) -> None:
        """Set up and confirm a second factor for the user."""
        bearer = self.session["accessToken"]
        enrolled = await self.do(
            "mutation ($input: EnrollMfaInput!)"
            f" {{ enrollMfa(input: $input) {{ secret otpauthUri recoveryCodes {ERRORS} }} }}",
            bearer=bearer,
            currentPassword=self.password,
        )
        assert enrolled["errors"] == []
        assert len(enrolled["recoveryCodes"]) == 10
        self.totp = pyotp.TOTP(enrolled["secret"])
        confirmed = await self.do(
            f"mutation ($input: ConfirmMfaInput!) {{ confirmMfa(input: $input) {{ account {{ id }} {ERRORS} }} }}",
            bearer=bearer,
            code=self._code(),
        )
        assert (confirmed["account"], confirmed["errors"]) == ({"id": self.id}, [])

    async def signed_in(self) -> None:
        """Sign in with the password, and with the second factor if the user has one."""
        payload = await self._sign_in(self.password)
        assert payload["errors"] == []
        if self.totp is not None:
            assert payload["session"] is None
            self.world.clock.advance(timedelta(seconds=30))
            payload = await self.do(
                CHALLENGE, challengeToken=payload["mfaChallenge"]["challengeToken"], code=self._code()
            )
        self._entered(payload, self.password)

    async def forgot(self, password: str) -> None:
        """Request a password reset as the user, and set the new password `password`."""
        asked = await self.do(
            f"mutation ($input: RequestPasswordResetInput!) {{ requestPasswordReset(input: $input) {{ {ERRORS} }} }}",
            portalSlug=self.slug,
            email=self.login,
        )
        assert asked["errors"] == []
        await self._new_password(await self.mailed_link(), password)

    async def reset_by(self, admin: Person, password: str) -> None:
        """Let an admin reset the password. The old password is refused until the user sets the new one (K18)."""
        await self.done_by(admin, "resetPasswords", "RECOVERY")
        payload = await self._sign_in(self.password)
        assert (payload["session"], payload["blockers"]) == (None, [{"code": "RESET_PENDING"}])
        await self._new_password(await self.mailed_link(), password)

    async def locked_out(self, admin: Person, threshold: int) -> None:
        """Fail `threshold` sign-ins from STRANGER. Assert that the right password then fails from there too (T7)."""
        transport = httpx.ASGITransport(app=server.app(self.world.parts), client=(STRANGER, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            stranger = Ask(self.world, client)
            for _ in range(threshold):
                guess = await self._sign_in("a wrong password, again", stranger)
                assert guess["errors"] == [{"code": "INVALID_CREDENTIALS"}]
            right = await self._sign_in(self.password, stranger)
        assert (right["session"], right["errors"]) == (None, [{"code": "INVALID_CREDENTIALS"}])
        assert await self.status(admin) == "LOCKED_OUT"

    async def done_by(self, admin: Person, name: str, status: str | None) -> None:
        """Run a bulk mutation on the user. Assert the resulting status. None means that the user is deleted."""
        payload = await self.ask.act(name, admin, self.id)
        assert [o["status"] for o in payload["outcomes"]] == ["SUCCEEDED"], payload
        assert await self.status(admin) == status

    async def status(self, admin: Person) -> str | None:
        """Return the user's status as an admin reads it, or None if the user is deleted."""
        reply = await self.ask("query ($id: ID!) { user(id: $id) { status } }", actor=admin, id=self.id)
        return reply.data["user"]["status"] if reply.data["user"] else None

    async def shut_out(self, blocker: str) -> None:
        """Assert that a sign-in with the right password returns the blocker, and that the user's session has ended."""
        payload = await self._sign_in(self.password)
        assert (payload["session"], payload["mfaChallenge"], payload["blockers"]) == (None, None, [{"code": blocker}])
        await self.is_unknown_by_token()

    async def is_unknown_by_token(self) -> None:
        """Assert that the access token of the last sign-in is not valid any more (L9)."""
        assert (await self.ask("{ viewer { id } }", token=self.session["accessToken"])).unauthenticated

    async def forgotten(self, admin: Person) -> None:
        """Delete the user as an admin. Assert that the password is refused and that the user is not found (W14)."""
        await self.done_by(admin, "deleteUsers", None)
        payload = await self._sign_in(self.password)
        assert (payload["session"], payload["errors"]) == (None, [{"code": "INVALID_CREDENTIALS"}])

    def _entered(self, payload: Any, password: str) -> None:
        assert (payload["blockers"], payload["errors"]) == ([], [])
        self.session, self.password = payload["session"], password
        assert (self.session["viewer"]["id"], self.session["viewer"]["status"]) == (self.id, "ACTIVE")
        assert self.session["viewer"]["portal"]["startPageUrl"] == f"https://{self.slug}.test/start"  # E14

    def _code(self) -> str:
        assert self.totp
        return self.totp.at(self.world.clock.now())

    async def _sign_in(self, password: str, ask: Ask | None = None) -> Any:
        input = {"portalSlug": self.slug, "login": self.login, "password": password}
        reply = await (ask or self.ask)(SIGN_IN, input=input)
        assert not reply.errors, reply.errors
        return reply.data["signIn"]

    async def _new_password(self, token: str, password: str) -> None:
        payload = await self.do(
            "mutation ($input: CompletePasswordResetInput!)"
            f" {{ completePasswordReset(input: $input) {{ account {{ id }} {ERRORS} }} }}",
            token=token,
            password=password,
        )
        assert payload == {"account": None, "errors": []}
        await self.is_unknown_by_token()
        self.password = password
        (notice,) = await self.mailed()
        assert notice.recipient == self.login

    async def _previewed(self, token: str, step: str) -> None:
        reply = await self.ask.client.post("/graphql", json={"query": PREVIEW, "variables": {"token": token}})
        preview = reply.json()["data"]["invitationPreview"]
        assert (preview["nextStep"], preview["portalSlug"]) == (step, self.slug)
