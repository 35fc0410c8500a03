"""Administrative calls at the same time as bulk actions. The answers are as if the calls ran one after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio

from models.db.database import database
from models.tables import LinkToken, OutboxMail, Portal, PortalUser
from resolvers.core.global_ids import global_id
from services.admin.doctor import find_wrong_values
from tests.features.administration.administering import DOCUMENT
from tests.support.databases import Database
from tests.support.world import Ask, Person, Reply, World
from tests.support.world.bulk_documents import BULK

DELETE = DOCUMENT.format(name="DeletePortal", field="deletePortal", shown="deletedPortalId usersToDelete")
CREATE = DOCUMENT.format(name="CreatePortal", field="createPortal", shown="portal { id }")
INVITE = BULK.replace("BulkUsersInput", "InviteUsersInput").format(name="inviteUsers")


@pytest_asyncio.fixture
async def db(closed_db: Database) -> AsyncIterator[Database]:
    """Open the database, and let callers wait up to a minute for one of its ten connections.

    The tests have a hundred callers at once.
    """
    async with database(closed_db.url, patience=timedelta(minutes=1)):
        yield closed_db


def answered(reply: Reply) -> str:
    """Return the code of the error, or the reason or the status of the only outcome."""
    if reply.codes:
        return reply.codes[0]
    (payload,) = reply.data.values()
    if payload["errors"]:
        return str(payload["errors"][0]["code"])
    (outcome,) = payload["outcomes"]
    return str(outcome["reason"]["code"] if outcome["reason"] else outcome["status"])


async def test_a_bulk_beside_the_deletion_of_its_portal_acts_before_it_or_finds_nothing(world: World, ask: Ask) -> None:
    portal, other = await world.portal("acme", seats=100), await world.portal("other")
    nora, ann = await world.mssp_admin(), await world.portal_admin(portal)
    people, kim = await world.users(20, portal), await world.user(other)
    portal_id = global_id("Portal", portal.id)
    for person in (nora, ann):
        await ask("{ viewer { id } }", actor=person)

    def act(actor: Person, bob: Person) -> Any:
        return ask(BULK.format(name="lockUsers"), actor=actor, input={"users": {"ids": [bob.gid]}})

    def match(login: str) -> Any:
        matching = {"portalId": portal_id, "search": login, "expectedCount": 1}
        return ask(BULK.format(name="deactivateUsers"), actor=nora, input={"users": {"matching": matching}})

    def invite(n: int) -> Any:
        new = {"portalId": portal_id, "invitees": [{"firstName": "New", "email": f"new.{n}@acme.test"}]}
        return ask(INVITE, actor=nora, input={"target": {"newUsers": new}})

    race = [
        call for n, bob in enumerate(people) for call in (act(nora, bob), act(ann, bob), match(bob.login), invite(n))
    ]
    race.insert(40, ask(DELETE, actor=nora, input={"id": portal_id, "confirmSlug": "acme"}))
    replies = list(await asyncio.gather(*race))
    deleted = replies.pop(40).data["deletePortal"]

    assert (deleted["errors"], deleted["deletedPortalId"]) == ([], portal_id)
    allowed = {"SUCCEEDED", "ALREADY_IN_STATE", "INACTIVE", "NOT_FOUND", "UNAUTHENTICATED", "SELECTION_CHANGED"}
    assert {answered(reply) for reply in replies} <= allowed
    assert not await Portal.filter(id=portal.id).exists()
    assert [user.id for user in await PortalUser.all()] == [kim.id]
    assert (await LinkToken.all().count(), await OutboxMail.all().count()) == (0, 0)
    assert answered(await act(nora, people[0])) == "NOT_FOUND"
    assert await find_wrong_values(world.parts.runtime) == []


async def test_of_deletions_at_once_one_deletes_and_the_others_find_no_portal(world: World, ask: Ask) -> None:
    portal = await world.portal("acme")
    await world.users(5, portal)
    admins = [await world.mssp_admin() for _ in range(4)]
    input = {"id": global_id("Portal", portal.id), "confirmSlug": "acme"}

    replies = await asyncio.gather(*(ask(DELETE, actor=admin, input=input) for admin in admins))

    errors = sorted([error["code"] for error in reply.data["deletePortal"]["errors"]] for reply in replies)
    assert errors == [[], ["NOT_FOUND"], ["NOT_FOUND"], ["NOT_FOUND"]]


async def test_of_portals_created_at_once_with_one_slug_one_is_created(world: World, ask: Ask) -> None:
    admins = [await world.mssp_admin() for _ in range(4)]

    replies = await asyncio.gather(
        *(
            ask(CREATE, actor=admin, input={"slug": "acme", "name": "Acme", "firstAdmin": {"email": "ann@acme.test"}})
            for admin in admins
        )
    )

    errors = sorted([error["code"] for error in reply.data["createPortal"]["errors"]] for reply in replies)
    assert errors == [[], ["INVALID_INPUT"], ["INVALID_INPUT"], ["INVALID_INPUT"]]
    assert (await Portal.all().count(), await PortalUser.all().count()) == (1, 1)
