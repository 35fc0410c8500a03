"""Invite, accept and register through the API, and read the results."""

from __future__ import annotations

from typing import Any

from models.tables import LinkToken, PortalUser
from resolvers.core.global_ids import global_id, id_of
from services.links import code_of
from tests.support.world import Ask, Person, World

PASSWORD = "an otter under seven moons"
LINK_BASE = "http://localhost:5173/invitation#token="
INVITE = """
mutation ($input: InviteUsersInput!) {
  inviteUsers(input: $input) {
    outcomes {
      index userId label status previousStatus newStatus inviteLink
      reason { code message retryable retryAt suggestedAction params { name value } }
      invitation { state createdAt nextStep }
      user { id username firstName lastName email role kind status holdsSeat invitation { state delivery sentAt expiresAt } }
    }
    summary { requested succeeded skipped failed byReason { code count } }
    licenseTiles { id portal { id slug } seatsTotal seatsUsed seatsAvailable tiles { kind count } }
    operation { id state action reason total processed }
    replayed
    errors { code message path retryAt params { name value } }
  }
}
"""
SIGNED_IN = "session { accessToken viewer { __typename id name email } } blockers { code } errors { code message path retryAt params { name value } }"
ACCEPT = f"mutation ($input: AcceptInvitationInput!) {{ acceptInvitation(input: $input) {{ {SIGNED_IN} }} }}"
COMPLETE = f"mutation ($input: CompleteRegistrationInput!) {{ completeRegistration(input: $input) {{ {SIGNED_IN} }} }}"
START = """
mutation ($input: StartRegistrationInput!) {
  startRegistration(input: $input) { codeExpiresAt resendAt errors { code path retryAt } }
}
"""
CONFIRM = """
mutation ($input: ConfirmRegistrationInput!) {
  confirmRegistration(input: $input) { registrationToken errors { code path } }
}
"""
RENEW = """
mutation ($input: RequestNewInvitationInput!) {
  requestNewInvitation(input: $input) { account { id } errors { code } }
}
"""
PREVIEW = """
query ($link: String!) {
  invitationPreview(token: $link) {
    portalName portalSlug startPageUrl state nextStep expiresAt missingFields
    login mayRegisterOtherAddress passwordRequirements { minLength maxLength }
  }
}
"""
INVITATION = """
query ($id: ID!) { user(id: $id) { invitation { state delivery sentAt expiresAt } } }
"""


async def invite(ask: Ask, actor: Person, *people: Person, **input: Any) -> Any:
    """Invite users who were added before, and return the payload."""
    return await _invite(ask, actor, {"target": {"users": {"ids": [person.gid for person in people]}}, **input})


async def invite_new(ask: Ask, actor: Person, portal: Any, *invitees: dict[str, str], **input: Any) -> Any:
    """Add and invite users, and return the payload."""
    target = {"newUsers": {"portalId": global_id("Portal", portal.id), "invitees": list(invitees)}}
    return await _invite(ask, actor, {"target": target, **input})


async def _invite(ask: Ask, actor: Person, input: dict[str, Any]) -> Any:
    reply = await ask(INVITE, actor=actor, input=input)
    assert not reply.errors, reply.errors
    return reply.data["inviteUsers"]


def ada(**given: str) -> dict[str, str]:
    """Return the input of the invitee Ada. `given` adds or replaces fields."""
    return {"firstName": "Ada", "email": "ada@new.test", **given}


def links_of(payload: Any) -> list[str]:
    """Return the tokens in the field `inviteLink` of the outcomes."""
    shown = [outcome["inviteLink"] for outcome in payload["outcomes"] if outcome["inviteLink"]]
    assert all(link.startswith(LINK_BASE) for link in shown)
    return [link.removeprefix(LINK_BASE) for link in shown]


def new_person(payload: Any, index: int = 0) -> Person:
    """Return the user of the outcome at `index`."""
    id = id_of("PortalUser", payload["outcomes"][index]["userId"])
    assert id
    return Person(id, "PortalUser", payload["outcomes"][index]["label"])


async def invitation_token(world: World, person: Person) -> str:
    """Return the token of the person's newest invitation, as the mail contains it."""
    row = await LinkToken.filter(user_id=person.id, purpose="INVITATION").order_by("-sequence").first()
    assert row
    return world.parts.runtime.links.token(row.purpose, row.id, row.nonce)


async def mailed_code(world: World, person: Person) -> str:
    """Return the newest code that was mailed for the person's registration."""
    row = await LinkToken.filter(user_id=person.id, purpose="REGISTRATION_CODE").order_by("-sequence").first()
    assert row
    return code_of(world.parts.runtime.links.token(row.purpose, row.id, row.nonce))


async def accept(ask: Ask, token: str, password: str = PASSWORD, **names: str) -> Any:
    return (await ask(ACCEPT, input={"token": token, "password": password, **names})).data["acceptInvitation"]


async def preview(ask: Ask, token: str) -> Any:
    """Return the preview of the invitation, queried without an access token."""
    reply = await ask(PREVIEW, link=token)
    assert not reply.errors, reply.errors
    return reply.data["invitationPreview"]


async def start(ask: Ask, token: str, email: str = "ada@new.test") -> Any:
    return (await ask(START, input={"invitationToken": token, "email": email})).data["startRegistration"]


async def confirm(ask: Ask, token: str, code: str, email: str = "ada@new.test") -> Any:
    input = {"invitationToken": token, "email": email, "code": code}
    return (await ask(CONFIRM, input=input)).data["confirmRegistration"]


async def complete(ask: Ask, token: str, password: str = PASSWORD, **names: str) -> Any:
    input = {"registrationToken": token, "password": password, "firstName": "Ada", **names}
    return (await ask(COMPLETE, input=input)).data["completeRegistration"]


async def renew(ask: Ask, token: str) -> Any:
    """Request a new invitation with an old link, wait until the mail is queued, and return the text of the response."""
    reply = await ask(RENEW, input={"invitationToken": token})
    await ask.world.parts.runtime.transactions.wait_until_idle()
    return reply.response.text


async def invitation_of(ask: Ask, actor: Person, person: Person) -> Any:
    return (await ask(INVITATION, actor=actor, id=person.gid)).data["user"]["invitation"]


async def how_many_users() -> int:
    return await PortalUser.all().count()


def codes(payload: Any) -> list[str]:
    """Return the codes of the errors that refuse the whole call."""
    return [error["code"] for error in payload["errors"]]
