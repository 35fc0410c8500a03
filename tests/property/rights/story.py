"""Stories: random accounts make random calls of the API, and the answers are compared with the model of the rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from models.db.sql import Sql, write
from models.tables import AssignedTag, Mssp, SecondFactor, StaffMember
from models.tables import Portal as PortalTable
from resolvers.core.global_ids import global_id, id_of
from rules.access import Role
from rules.grants.kinds import GrantableKind
from tests.features.administration.assigning import portals_of
from tests.property.rights.calls import CALLS, Drawn, created, document
from tests.property.rights.model import Account, Assignment, Model, Portal
from tests.support.databases.stored import everything
from tests.support.granting import entry
from tests.support.world import Ask, Person, World

NOWHERE = UUID(int=0xDEAD)
OF_RIGHTS = {"MANAGERS_ONLY", "MSSP_ADMINS_ONLY"}
PORTALS = {"a-one": "a", "a-two": "a", "b-one": "b"}
"""The portals at the beginning of a story, each with the name of its MSSP. One portal gets a tag."""

STAFF = {
    "admin a": Account("a", Role.MSSP_ADMIN, has_factor=True),
    "second admin a": Account("a", Role.MSSP_ADMIN),
    "admin b": Account("b", Role.MSSP_ADMIN, has_factor=True),
    "technician": Account("a", Role.MSSP_TECHNICIAN, assignment=Assignment({"a-one"}), has_factor=True),
    "technician of all but one": Account("a", Role.MSSP_TECHNICIAN, assignment=Assignment({"a-two"}, all_except=True)),
    "technician of tags": Account("a", Role.MSSP_TECHNICIAN, assignment=Assignment(tags={"gold"})),
    "technician b": Account("b", Role.MSSP_TECHNICIAN, assignment=Assignment(all_except=True)),
}
"""The members of staff at the beginning of a story. `begin` adds "ended technician"."""

USERS = {
    f"{role} of {slug}": Account(mssp, Role.PORTAL_ADMIN if role == "admin" else Role.PORTAL_USER, slug)
    for slug, mssp in PORTALS.items()
    for role in (("admin",) if slug == "a-two" else ("admin", "user"))
}


@dataclass(frozen=True)
class Step:
    """A call. `actor` and `target` are numbers, counted modulo the number of accounts and targets.

    If `hours` is not 0, this time passes before the call.
    """

    actor: int
    name: str
    target: int
    flag: bool
    number: int
    slugs: tuple[int, ...]
    hours: int


@dataclass
class Story:
    """A sequence of random calls by several accounts. The answers are compared with `model`.

    `people` and `portal_ids` also contain deleted accounts and portals.
    """

    world: World
    ask: Ask
    model: Model = field(default_factory=Model)
    people: dict[str, Person] = field(default_factory=dict)
    portal_ids: dict[str, UUID] = field(default_factory=dict)
    packages: dict[str, UUID] = field(default_factory=dict)
    workspaces: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    """The names of accounts whose token belongs to a session that a call has ended."""

    async def begin(self) -> None:
        await write(Sql("DELETE FROM mssp"))
        providers = {name: await self.world.mssp(name) for name in ("a", "b")}
        for slug, mssp in PORTALS.items():
            portal = await self.world.portal(slug, mssp=providers[mssp], seats=None)
            self.portal_ids[slug], self.packages[slug] = portal.id, (await self.world.package(portal, 5)).id
            self.workspaces[slug] = (await entry(self.world, portal, GrantableKind.WORKSPACE)).id
            self.model.portals[slug] = Portal(mssp)
        self.model.portals["a-two"].tags = {"gold"}
        await self.world.tag(await PortalTable.get(slug="a-two"), "gold")
        over = self.world.clock.now() - timedelta(hours=1)
        ended = Account("a", Role.MSSP_TECHNICIAN, assignment=Assignment({"a-one", "a-two"}, ends_at=over))
        for name, account in {**STAFF, "ended technician": ended, **USERS}.items():
            await self._join(name, account, providers[account.mssp])

    async def _join(self, name: str, like: Account, provider: Mssp) -> None:
        assignment = Assignment(**{**vars(like.assignment)})
        self.model.accounts[name] = account = Account(**{**vars(like), "assignment": assignment})
        if account.portal is not None:
            portal = await PortalTable.get(slug=account.portal)
            is_admin = account.role is Role.PORTAL_ADMIN
            self.people[name] = await (self.world.portal_admin(portal) if is_admin else self.world.user(portal))
            return
        person = self.people[name] = await self.world.staff(account.role, mssp=provider)
        for slug in assignment.portals:
            await self.world.assign(person, await PortalTable.get(slug=slug))
        columns = {"assigned_all_except": assignment.all_except, "assigned_until": assignment.ends_at}
        await StaffMember.filter(id=person.id).update(**columns, mfa_enrolled=account.has_factor)
        for tag in assignment.tags:
            await AssignedTag.create(id=self.world.parts.runtime.new_id(), staff_id=person.id, tag=tag, tag_key=tag)
        if account.has_factor:
            now = self.world.clock.now()
            await SecondFactor.create(
                id=self.world.parts.runtime.new_id(),
                staff_id=person.id,
                sealed_secret="",
                created_at=now,
                confirmed_at=now,
            )

    async def play(self, step: Step) -> None:
        """Make the call, and compare its answer with the model. Assert that a refused call changes nothing."""
        if step.hours:
            self.world.clock.advance(timedelta(hours=step.hours))
            self.tokens.clear()  # they live for 15 minutes
            self.ended.clear()
        names = [None, *self.people]
        actor = names[step.actor % len(names)]
        target = self._target(step)
        slugs = sorted(self.portal_ids)
        drawn = Drawn(
            step.flag,
            step.number,
            tuple(slugs[n % len(slugs)] for n in step.slugs),
            self.world.clock.now(),
        )
        kind = CALLS[step.name].kind
        expected = self.model.expected(actor, f"{kind}.{step.name}", target, drawn.now)
        token = await self._token(actor) if actor else None
        before = await everything() if expected != "reached" else {}

        answered, payload = await self._called(token, step.name, target, drawn)

        assert answered == expected, (actor, step, target, payload)
        if answered == "reached":
            if not payload["errors"]:
                assert actor
                self._changed(actor, step.name, target, drawn, payload)
        else:
            assert await everything() == before

    async def each_account_reaches_what_the_model_says(self) -> None:
        now = self.world.clock.now()
        for name in [name for name in self.model.accounts if name in self.people]:
            if self.model.may_sign_in(name) and not self.model.must_enroll(name):
                self.ask = Ask(self.world, self.ask.client)  # with a session that no call has ended
                assert set(await portals_of(self.ask, self.people[name])) == self.model.reach(name, now), name

    def _target(self, step: Step) -> str | None:
        match CALLS[step.name].about:
            case None:
                return None
            case "member":
                names = [name for name in self.people if self.people[name].is_staff]
            case "user":
                names = [name for name in self.people if not self.people[name].is_staff]
            case "package" | "workspace":
                names = list(PORTALS)
            case _:
                names = list(self.portal_ids)
        return ["nowhere", *names][step.target % (len(names) + 1)]

    async def _called(self, token: str | None, name: str, target: str | None, drawn: Drawn) -> tuple[str, Any]:
        """Call the mutation `name`. Return its answer, and its payload or the errors of the response.

        The answer is one of those that `Model.expected` returns, such as "NOT_FOUND" or "reached", or an error code.
        """
        call = CALLS[name]
        input = call.given(drawn)
        if target is not None:
            input[call.by] = self._id(str(call.about), target)
        if name == "assignPortals":
            input["portalIds"] = [global_id("Portal", self.portal_ids[slug]) for slug in drawn.slugs]
        if name == "deletePortal":
            input["confirmSlug"] = target
        if name == "createPortal":
            input["slug"] = f"new-{len(self.portal_ids)}"
        if name == "inviteStaff":
            input["email"] = f"new.{len(self.people)}@msp.test"
        reply = await self.ask(document(name), token=token, input=input)
        if reply.errors:
            return reply.codes[0], reply.errors
        payload = reply.data[name]
        for error in payload["errors"]:
            if error["code"] == "NOT_ALLOWED" and error["params"][0]["value"] in OF_RIGHTS:
                return "NOT_ALLOWED", payload
            if error["code"] == "NOT_FOUND" and error["path"] == ["input", call.by]:
                return "NOT_FOUND", payload
        return "reached", payload

    async def _token(self, actor: str) -> str:
        """Return an access token of the account.

        If a call has ended the account's session, first assert that the old token is refused.
        """
        if actor in self.ended:
            self.ended.discard(actor)
            assert (await self.ask("{ viewer { id } }", token=self.tokens.pop(actor))).unauthenticated
        if actor not in self.tokens:
            if not self.model.may_sign_in(actor):
                return "no token: the account cannot sign in"
            self.tokens[actor] = await self.world.token(self.people[actor])
        return self.tokens[actor]

    def _id(self, about: str, target: str) -> str:
        people = {name: person.id for name, person in self.people.items()}
        kind, ids = {
            "member": ("StaffMember", people),
            "user": ("PortalUser", people),
            "package": ("LicensePackage", self.packages),
            "workspace": ("Workspace", self.workspaces),
            "portal": ("Portal", self.portal_ids),
        }[about]
        return global_id(kind, ids.get(target) or uuid5(NOWHERE, kind))

    def _changed(self, actor: str, name: str, target: str | None, drawn: Drawn, payload: Any) -> None:
        """Apply the effect of a successful API call to the model. `payload` is the payload of the call's answer."""
        if name == "createPortal":
            slug = payload["portal"]["slug"]
            created(self.model, name, actor, slug, drawn)
            self.portal_ids[slug] = id_of("Portal", payload["portal"]["id"]) or NOWHERE
        elif name == "inviteStaff":
            new = f"member {len(self.people)}"
            created(self.model, name, actor, new, drawn)
            self.people[new] = Person(id_of("StaffMember", payload["staff"]["id"]) or NOWHERE, "StaffMember", new)
        else:
            ends = CALLS[name].changes(self.model, target or actor, drawn)
            self.ended |= ends & self.tokens.keys()
