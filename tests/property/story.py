"""Stories: generated sequences of calls that are sent to the API and applied to the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from models.db.sql import Sql, write
from models.tables import LinkToken, Portal, TechnicianAssignment
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status, StatusReason
from services.auth import sign_in
from services.ports import Caller
from tests.features.invitations.inviting import accept
from tests.property import model as promised
from tests.property import tenants
from tests.property.action_table import PORTAL_ACCESS
from tests.property.model import Model
from tests.property.steps import (
    PORTALS,
    STANDINGS,
    Accept,
    Act,
    Buy,
    Join,
    Newcomer,
    Plan,
    Reassign,
    Step,
    Switch,
    Wait,
)
from tests.property.tenants import Account
from tests.support.world import Ask, Person, Reply, World
from tests.support.world.bulk_documents import bulk_document, bulk_input

NOWHERE = UUID(int=0xDEAD)


@dataclass
class Story:
    """A sequence of random calls that is sent to the API and applied to the model.

    `people` maps global ids to accounts. It includes deleted accounts, because a later call can still name them.
    """

    world: World
    ask: Ask
    model: Model = field(default_factory=Model)
    portals: dict[str, Portal] = field(default_factory=dict)
    staff: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    done: list[tuple[str, list[str], list[promised.Outcome]]] = field(default_factory=list)
    """The bulk operations so far: the id of each, the ids of the users named in its call, and the expected outcomes."""

    async def begin(self, plans: list[Plan], cast: list[Newcomer]) -> None:
        """Empty the database. Create two MSSPs with portals, seats, admins and staff, and the users in `cast`."""
        await write(Sql("DELETE FROM mssp"))
        providers = {name: await self.world.mssp(name) for name in ("a", "b")}
        for (mssp, slug), (seat_mode, seats, max_admins) in zip(PORTALS, plans, strict=True):
            policy = {"seat_mode": SeatMode(seat_mode), "max_admins": max_admins, "lockout_minutes": None}
            # A story of hours has locks that no time ends.
            self.portals[slug] = await self.world.portal(slug, mssp=providers[mssp], seats=None, **policy)
            self.model.portals[slug] = tenants.Portal(mssp, seat_mode, max_admins)
            await self._join(slug, "INTERNAL", "PORTAL_ADMIN", STANDINGS[0])
            await self._buy(slug, seats, 0, None)
        of_a = [slug for mssp, slug in PORTALS if mssp == "a"]
        assigned = [self.portals[slug] for slug in of_a[:2]]
        members = {
            "admin a": (await self.world.mssp_admin(providers["a"]), set(of_a)),
            "technician a": (await self.world.technician(*assigned, mssp=providers["a"]), set(of_a[:2])),
            "admin b": (await self.world.mssp_admin(providers["b"]), {"b-one"}),
        }
        for name, (person, reached) in members.items():
            role = "MSSP_TECHNICIAN" if name.startswith("technician") else "MSSP_ADMIN"
            self.staff[name] = Account(person.gid, role, name[-1], reached)
            self.people[person.gid] = person
        for newcomer in cast:
            await self.play(Join(newcomer))

    async def play(self, step: Step) -> None:
        match step:
            case Join(newcomer):
                standing = STANDINGS[newcomer.standing]
                await self._join(PORTALS[newcomer.portal][1], newcomer.kind, newcomer.role, standing)
            case Buy(portal, seats, starts_in, hours):
                await self._buy(PORTALS[portal][1], seats, starts_in, hours)
            case Wait(hours):
                self.world.clock.advance(timedelta(hours=hours))
                self.tokens.clear()  # they live for 15 minutes
                self.model.signed_in.clear()
            case Switch(portal):
                slug = PORTALS[portal][1]
                self.model.portals[slug].is_active ^= True
                await Portal.filter(slug=slug).update(is_active=self.model.portals[slug].is_active)
            case Reassign(portal):
                await self._reassign(PORTALS[portal][1])
            case Accept(who):
                await self._accept(self.account(who).id)
            case Act():
                await self._act(step)

    async def asked(self, actor: Account, document: str, **variables: Any) -> Reply:
        """Send a request as the account, and return the reply. Sign in first if the account has no session.

        If the model says that the session has ended, first assert that the old token is refused.
        """
        if actor.id in self.tokens and actor.id not in self.model.signed_in:
            assert (await self.ask("{ viewer { id } }", token=self.tokens.pop(actor.id))).unauthenticated
        if actor.id not in self.tokens:
            self.tokens[actor.id] = await self.world.token(self.people[actor.id])
            self.model.signed_in.add(actor.id)
        return await self.ask(document, token=self.tokens[actor.id], **variables)

    def account(self, who: str | int) -> Account:
        """Return the account that a step names in `actor` or `who`: staff are named by a text, users by a number."""
        if isinstance(who, str):
            return self.staff[who]
        ids = list(self.model.users) or [""]
        id = ids[who % len(ids)]
        user = self.model.users[id]
        reached = {user.portal} if user.role == "PORTAL_ADMIN" else set()
        return Account(id, user.role, self.model.portals[user.portal].mssp, reached)

    async def _act(self, step: Act) -> None:
        if not self.model.users:
            return
        actor = self.account(step.actor)
        if not actor.is_staff and not self.model.may_sign_in(actor.id):
            await self._assert_shut_out(actor)
            return
        ids = [self._mentioned(mention, actor) for mention in step.mentions]
        policy = "ALL_OR_NOTHING" if step.all_or_nothing else "PARTIAL"

        name = "changeAccess" if step.mutation in PORTAL_ACCESS else step.mutation
        given: dict[str, Any] = {"role": step.role} if name == "changeRoles" else {}
        if step.mutation in PORTAL_ACCESS:
            given = {"access": {"portalAccess": PORTAL_ACCESS[step.mutation]}}
        document, input = bulk_document(name), bulk_input(name, {"ids": ids}) | given
        if step.mutation == "inviteUsers":  # with links: a mail would have to wait a minute for the next
            input |= {"delivery": "LINK", "trustStoredEmail": True}

        reply = await self.asked(
            actor, document, input={**input, "options": {"errorPolicy": policy, "reason": "a story"}}
        )

        assert not reply.errors, reply.errors
        payload = reply.data[name]
        refusal = "NOT_ALLOWED" if actor.role == "PORTAL_USER" else None if ids else "INVALID_INPUT"
        if refusal:
            assert [error["code"] for error in payload["errors"]] == [refusal]
            assert (payload["outcomes"], payload["operation"], payload["licenseTiles"]) == ([], None, None)
            return
        expected = self.model.act(
            actor, step.mutation, ids, self.world.clock.now(), or_nothing=step.all_or_nothing, role=step.role
        )
        _assert_honest(payload, ids, expected)
        tiles = payload["licenseTiles"][-1]["tiles"]
        assert {tile["kind"]: tile["count"] for tile in tiles} == self.model.tiles(actor.portals)
        self.done.append((payload["operation"]["id"], ids, expected))

    async def _accept(self, id: str) -> None:
        row = await LinkToken.filter(user_id=self.people[id].id).order_by("-id").first() if id else None
        if id not in self.model.users or row is None or row.used_at or row.expires_at <= self.world.clock.now():
            return
        token = self.world.parts.runtime.links.token(row.purpose, row.id, row.nonce)

        payload = await accept(self.ask, token)

        refused = self.model.accept(id, self.world.clock.now())
        errors, blockers = [error["code"] for error in payload["errors"]], [b["code"] for b in payload["blockers"]]
        assert (errors, blockers) == ((refused, []) if refused == ["ADMIN_LIMIT_REACHED"] else ([], refused))
        assert bool(payload["session"]) is not bool(refused)

    async def _assert_shut_out(self, account: Account) -> None:
        """Assert that an account that may not sign in gets a blocker, and that its earlier token is refused."""
        if account.id in self.tokens:
            assert (await self.ask("{ viewer { id } }", token=self.tokens[account.id])).unauthenticated
        person = self.people[account.id]
        runtime, ports = self.world.parts.runtime, self.world.parts.ports
        answer = await sign_in.open_session(runtime, ports, Caller("127.0.0.1", None), person.key)
        assert answer.token is None
        assert answer.blockers

    def _mentioned(self, mention: int | str, actor: Account) -> str:
        if isinstance(mention, int):
            near = {id: p.portal.slug in actor.portals for id, p in self.people.items() if p.portal}
            users = sorted(near, key=lambda id: not near[id])  # those within reach first, in the order of their coming
            return users[mention % len(users)]
        if mention == "another type":
            return global_id("Portal", self.portals["a-one"].id)
        return global_id("PortalUser", uuid5(NOWHERE, "no user")) if mention == "no user" else mention

    async def _join(self, slug: str, kind: str, role: str, standing: tuple[Any, ...]) -> None:
        status, reason, resume, resume_reason = standing
        person = await self.world.user(
            self.portals[slug],
            kind=UserKind(kind),
            role=Role(role),
            status=Status(status),
            status_reason=reason and StatusReason(reason),
            resume_status=resume and Status(resume),
            resume_reason=resume_reason and StatusReason(resume_reason),
        )
        self.people[person.gid] = person
        self.model.users[person.gid] = tenants.User(slug, kind, role, *standing)

    async def _buy(self, slug: str, seats: int, starts_in: int, hours: int | None) -> None:
        starts_at = self.world.clock.now() + timedelta(hours=starts_in)
        ends_at = starts_at + timedelta(hours=hours) if hours else None
        await self.world.package(self.portals[slug], seats, starts_at=starts_at, ends_at=ends_at)
        self.model.portals[slug].packages.append(tenants.Package(seats, starts_at, ends_at))

    async def _reassign(self, slug: str) -> None:
        technician = self.staff["technician a"]
        person, portal = self.people[technician.id], self.portals[slug]
        if slug in technician.portals:
            await TechnicianAssignment.filter(staff_id=person.id, portal_id=portal.id).delete()
        else:
            await self.world.assign(person, portal)
        technician.portals ^= {slug}


def _assert_honest(payload: Any, ids: list[str], expected: list[promised.Outcome]) -> None:
    answers = [
        (o["status"], o["reason"] and o["reason"]["code"], o["previousStatus"], o["newStatus"])
        for o in payload["outcomes"]
    ]
    assert payload["errors"] == []
    assert answers == expected
    assert [(o["index"], o["userId"]) for o in payload["outcomes"]] == list(enumerate(ids))
    succeeded = sum(status == "SUCCEEDED" for status, *_ in expected)
    reasons = [code for _, code, *_ in expected if code]
    summary = payload["summary"]
    assert {name: summary[name] for name in ("requested", "succeeded", "skipped", "failed")} == {
        "requested": len(ids),
        "succeeded": succeeded,
        "skipped": len(reasons),
        "failed": 0,
    }
    assert {r["code"]: r["count"] for r in summary["byReason"]} == {c: reasons.count(c) for c in reasons}
    state = "SUCCEEDED" if succeeded == len(ids) else "PARTIALLY_SUCCEEDED" if succeeded else "UNCHANGED"
    assert (payload["operation"]["state"], payload["operation"]["total"]) == (state, len(ids))
