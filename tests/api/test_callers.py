"""A request with an invalid token: fields that need an account have an error, and sign-in still works."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.security.access_tokens import AccessTokens
from api.security.keys import SigningKeys
from models.tables import AccountSession, PortalUser, StaffMember
from tests.support.world import PASSWORD, Ask, Person, Reply, World

pytestmark = pytest.mark.usefixtures("silence")

EVERYTHING = "{ viewer { name } users { totalCount } portals { totalCount } licenseTiles { id } }"
NOTHING = dict.fromkeys(("viewer", "users", "portals", "licenseTiles"))
SIGN_IN = """
mutation ($login: String!, $slug: String, $password: String!) {
  signIn(input: { login: $login, portalSlug: $slug, password: $password }) { session { expiresIn } errors { code } }
}
"""
Forge = Callable[[World, dict[str, Any]], str]
End = Callable[[World, Ask, Person], Awaitable[object]]


@pytest.fixture
async def ann(world: World) -> Person:
    return await world.portal_admin(password=PASSWORD)


async def assert_unauthenticated(ask: Ask, ann: Person, *tokens: str) -> None:
    """Send each of `tokens` as an Authorization header of one request, and assert that it identifies no account.

    Assert also that Ann can sign in by a request with the same headers.
    """
    headers = [("authorization", token) for token in tokens]
    response = await ask.client.post("/graphql", json={"query": EVERYTHING}, headers=headers)
    body = response.json()
    reply = Reply(body["data"], body["errors"], response)
    assert (reply.response.status_code, reply.data) == (200, NOTHING)
    assert reply.codes == ["UNAUTHENTICATED"] * 4

    assert ann.portal
    variables = {"login": ann.login, "slug": ann.portal.slug, "password": PASSWORD}
    signed_in = await ask.client.post("/graphql", json={"query": SIGN_IN, "variables": variables}, headers=headers)
    assert signed_in.json() == {"data": {"signIn": {"session": {"expiresIn": 900}, "errors": []}}}


def signed(key: Any, algorithm: str, **header: object) -> Forge:
    """Return a function that forges a token: valid claims, the given headers, and a signature by `key`."""

    def forge(world: World, claims: dict[str, Any]) -> str:
        headers = {"typ": "at+jwt", "kid": world.parts.keys.kid, **header}
        return jwt.encode(claims, key(world) if callable(key) else key, algorithm=algorithm, headers=headers)

    return forge


def unsigned(algorithm: str) -> Forge:
    """Return a function that forges a token without a signature. Its header has the algorithm, such as "none"."""

    def forge(world: World, claims: dict[str, Any]) -> str:
        parts = ({"alg": algorithm, "typ": "at+jwt", "kid": world.parts.keys.kid}, claims)
        return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."

    return forge


def our_key(world: World) -> Ed25519PrivateKey:
    return world.parts.keys.private_key


def claiming(**changed: object) -> Forge:
    """Return a function that makes a token with changed claims, signed by the server's key. A claim of None is left
    out.
    """

    def forge(world: World, claims: dict[str, Any]) -> str:
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        return signed(our_key, "EdDSA")(world, kept)

    return forge


def of_another_server(world: World, claims: dict[str, Any]) -> str:
    keys = SigningKeys([b"another server's secret of 32 bytes or more"])
    tokens = AccessTokens(keys, "gatehouse", "gatehouse-api", timedelta(minutes=15))
    return tokens.issue(UUID(claims["sub"]), UUID(claims["sid"]), world.clock.now(), uuid4()).text


FORGED: dict[str, Forge] = {
    "unsigned": unsigned("none"),
    "unsigned-in-capitals": unsigned("NONE"),
    "signed-by-a-stranger": signed(Ed25519PrivateKey.generate(), "EdDSA"),
    "signed-by-another-server": of_another_server,
    "signed-with-our-public-key-as-password": signed(
        lambda world: world.parts.keys.private_key.public_key().public_bytes_raw(), "HS256"
    ),
    "of-another-type": signed(our_key, "EdDSA", typ="JWT"),
    "with-an-unknown-key": signed(our_key, "EdDSA", kid="x"),
    "with-its-own-key": signed(our_key, "EdDSA", jwk={"kty": "OKP"}),
    "with-a-critical-header": signed(our_key, "EdDSA", crit=["b64"], b64=True),
    "of-a-foreign-issuer": claiming(iss="https://elsewhere.test"),
    "for-a-foreign-audience": claiming(aud="another-api"),
    "for-two-audiences": claiming(aud=["gatehouse-api", "another-api"]),
    "that-lives-too-long": claiming(exp=4_000_000_000),
    "without-an-end": claiming(exp=None),
    "without-a-session": claiming(sid=None),
    "without-an-account": claiming(sub=None),
    "of-another-session": claiming(sid=str(uuid4())),
    "of-another-account": claiming(sub=str(uuid4())),
    "with-an-account-in-another-spelling": claiming(sub="{00000000-0000-0000-0000-000000000000}"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_a_forged_token_is_nobodys(world: World, ask: Ask, ann: Person, forge: Forge) -> None:
    good = jwt.decode(await world.token(ann), options={"verify_signature": False})

    forged = forge(world, good)

    await assert_unauthenticated(ask, ann, f"Bearer {forged}")


async def test_what_was_changed_after_signing_is_nobodys(world: World, ask: Ask, ann: Person) -> None:
    header, payload, signature = (await world.token(ann)).split(".")

    for token in (f"{header}.{payload}.", f"{header}.{payload}", f"{header}.{payload}.{signature[::-1]}"):
        await assert_unauthenticated(ask, ann, f"Bearer {token}")


NO_TOKENS = (
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer a.b.c",
    "Bearer a.b.c d.e.f",
    "Basic YWRtaW46YWRtaW4=",
    "null",
    "Bearer " + "a" * 4_000 + ".b.c",
    "Bearer " + "." * 100_000,
)


@pytest.mark.parametrize("header", NO_TOKENS, ids=lambda header: str(header[:20]))
async def test_what_is_no_token_is_nobodys(ask: Ask, ann: Person, header: str) -> None:
    await assert_unauthenticated(ask, ann, header)


async def test_an_empty_header_is_as_none(ask: Ask) -> None:
    response = await ask.client.post("/graphql", json={"query": "{ viewer { name } }"}, headers={"authorization": ""})

    assert response.json() == {"data": {"viewer": None}}


async def test_two_tokens_are_nobodys_although_each_is_good(world: World, ask: Ask, ann: Person) -> None:
    tokens = [f"Bearer {await world.token(person)}" for person in (ann, await world.mssp_admin())]

    await assert_unauthenticated(ask, ann, *tokens)
    await assert_unauthenticated(ask, ann, tokens[0], tokens[0])


async def test_a_token_is_good_until_its_last_second(world: World, ask: Ask, ann: Person) -> None:
    token = await world.token(ann)

    world.clock.advance(timedelta(minutes=15, milliseconds=-1))
    assert (await ask(EVERYTHING, token=token)).errors == []

    world.clock.advance(timedelta(milliseconds=1))
    reply = await ask(EVERYTHING, token=token)
    assert reply.errors[0]["message"] == "The access token has expired."
    await assert_unauthenticated(ask, ann, f"Bearer {token}")


async def locked(world: World, ask: Ask, person: Person) -> None:
    await ask.act("lockUsers", await world.mssp_admin(), person)


async def deactivated(world: World, ask: Ask, person: Person) -> None:
    await ask.act("deactivateUsers", await world.mssp_admin(), person)


async def deleted(world: World, ask: Ask, person: Person) -> None:
    await ask.act("deleteUsers", await world.mssp_admin(), person)


async def signed_out(world: World, ask: Ask, person: Person) -> None:
    await ask.act("revokeSessions", await world.mssp_admin(), person)


async def session_over(world: World, ask: Ask, person: Person) -> None:
    await AccountSession.filter(user_id=person.id).update(expires_at=world.clock.now())


async def row_gone(world: World, ask: Ask, person: Person) -> None:
    await PortalUser.filter(id=person.id).delete()


@pytest.mark.parametrize("end", [locked, deactivated, deleted, signed_out, session_over, row_gone])
async def test_the_token_of_a_user_who_lost_access_is_refused_at_once(
    world: World, ask: Ask, ann: Person, end: End
) -> None:
    otto = await world.portal_admin()
    token = await world.token(otto)
    assert (await ask(EVERYTHING, token=token)).errors == []

    await end(world, ask, otto)

    await assert_unauthenticated(ask, ann, f"Bearer {token}")


async def test_the_token_of_staff_who_left_is_nobodys_at_once(world: World, ask: Ask, ann: Person) -> None:
    tim, tom = await world.technician(), await world.mssp_admin()
    tokens = [await world.token(person) for person in (tim, tom)]

    await StaffMember.filter(id=tim.id).update(is_active=False)
    await StaffMember.filter(id=tom.id).delete()

    for token in tokens:
        await assert_unauthenticated(ask, ann, f"Bearer {token}")
