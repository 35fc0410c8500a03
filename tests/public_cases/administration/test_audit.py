"""What the audit log contains about deleted users."""

from __future__ import annotations

from typing import Any

from tests.support.world import Ask, Person, World

LOG = """
query ($id: ID) { auditLog(userId: $id) {
  nodes { event userId reason actorName user { id } changes { field before after } }
} }
"""


async def log_of(ask: Ask, actor: Person, person: Person) -> list[dict[str, Any]]:
    """Return the events about one user, newest first."""
    nodes: list[dict[str, Any]] = (await ask(LOG, actor=actor, id=person.gid)).data["auditLog"]["nodes"]
    return nodes


async def test_the_log_keeps_what_was_done_to_a_deleted_user_and_why_it_is_gone(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(first_name="Ann", last_name="Archer"), await world.user()
    await ask.act("lockUsers", ann, bob, reason="TICKET-1")

    await ask.act("deleteUsers", ann, bob, reason="TICKET-2")

    entries = await log_of(ask, ann, bob)
    assert [(entry["event"], entry["reason"]) for entry in entries] == [
        ("USER_DELETED", "TICKET-2"),
        ("USER_LOCKED", None),  # a reason may name the user, and is erased with the user
    ]
    assert {(entry["userId"], entry["user"], entry["actorName"]) for entry in entries} == {
        (bob.gid, None, "Ann Archer")
    }
    # authgear/authgear-server#1817, craftersoftware/craftercms#4725, getsentry/sentry PR 67282


async def test_the_log_names_a_deleted_user_by_the_id_that_earlier_entries_have(world: World, ask: Ask) -> None:
    await world.portal()
    ann = await world.portal_admin()
    bob = await world.user(first_name="Gone", last_name="Away", email="gone@acme.test")
    shown_before = (await ask("query ($id: ID!) { user(id: $id) { id name } }", actor=ann, id=bob.gid)).data["user"]

    await ask.act("deleteUsers", ann, bob)

    (entry,) = await log_of(ask, ann, bob)
    assert (entry["event"], entry["userId"]) == ("USER_DELETED", shown_before["id"])
    assert "gone" not in str(entry).lower()
    # welcomehelpde/engelsystem#103, DISSINET/InkVisitor#2061, ckruse/cforum#590
