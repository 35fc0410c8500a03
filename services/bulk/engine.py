"""The bulk engine: lock, re-read, decide every user in pure code, then write with a handful of set-based statements.

Everything is bulk; one user is a bulk of one. The number of statements does not grow with the number of users. A dry
run is the same path with nothing written but its preview.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from models import operation_retention, operations, portals
from models.auth import actors
from models.links import Delivery
from models.operations import OperationRow
from models.portals import LicensedPortal
from models.users import table as users
from models.users.table import UserRow
from rules import access
from rules.access import Actor, Role
from rules.housekeeping import MOST_PREVIEWS
from rules.lifecycle import invitations
from rules.lifecycle.actions import Action
from rules.lifecycle.decisions import ActionRequest, Decision, InvitationTerms, PortalState, apply_to_totals, decide
from rules.lifecycle.statuses import Status
from rules.outcomes import Outcome, OutcomeStatus, State, refused, succeeded, summary_of
from rules.refusals import Code, Refusal
from services.bulk import idempotency, invitees
from services.bulk import selection as selections
from services.bulk.invitees import Typed
from services.bulk.results import Answer, Run, stored
from services.bulk.selection import Matching, Mention, Newcomers, Selected, Selection, UserSelection
from services.lifecycle import effects
from services.lifecycle.effects import PlannedChange
from services.mail import caps as mail_caps
from services.onboarding.invitations import Inviting, send
from services.runtime import Runtime

PREVIEW_LIVES = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Options:
    """How to act. The key is ignored in a dry run."""

    dry_run: bool = False
    all_or_nothing: bool = False
    idempotency_key: str | None = None
    reason: str | None = None


async def run(
    runtime: Runtime,
    actor: Actor,
    action: Action,
    selection: Selection,
    options: Options,
    inviting: Inviting | None = None,
) -> Run:
    """Does `action` to every selected user that the rules let `actor` do it to; one answer per mention, in order.

    `inviting` comes with INVITE, and newcomers come with no other action. Refusal when nothing was attempted:
    NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED, and those of `selections.resolve` and `newcomers.read`; UNAUTHENTICATED when the
    actor lost access meanwhile.
    """
    access.require_management(actor)
    typed = invitees.read(selection.invitees) if isinstance(selection, Newcomers) else ()
    return await runtime.transactions.run(
        lambda: _Engine(runtime, actor, action, selection, options, inviting, typed).run()
    )


@dataclass(slots=True)
class _Engine:
    """One attempt at a run, inside its transaction; a retry starts with a new one."""

    runtime: Runtime
    actor: Actor
    action: Action
    selection: Selection
    options: Options
    inviting: Inviting | None = None
    typed: Sequence[Typed] = ()
    portals: Mapping[UUID, LicensedPortal] = field(default_factory=dict)
    places: dict[UUID, PortalState] = field(default_factory=dict)
    found: dict[UUID, UserRow] = field(default_factory=dict)
    decided: dict[UUID, PlannedChange] = field(default_factory=dict)
    admins_left: int | None = None
    mail_waits: Mapping[UUID, datetime] = field(default_factory=dict)

    async def run(self) -> Run:
        began, options = self.runtime.now(), self.options
        key = None if options.dry_run else options.idempotency_key
        how = (options, self.inviting) if self.inviting else options
        claimed = await idempotency.claim(self.runtime, self.actor, self.action, key, (self.selection, how), began)
        if isinstance(claimed, Run):
            return claimed

        mentions, at = await self._mentions(began)
        self.mail_waits = await mail_caps.waits_of_action(self.action, [m.user for m in mentions if m.user], at)
        answers = self._decide(mentions, at)
        if options.all_or_nothing and any(a.outcome.status is not OutcomeStatus.SUCCEEDED for a in answers):
            answers = self._abort(mentions, answers)

        operation = self._operation(answers, at)
        tokens = {} if options.dry_run else await self._write(mentions, operation, at)
        await operations.record(self.actor, operation, stored(self.runtime, operation, answers))
        if options.dry_run:
            await operation_retention.keep_newest_previews(self.actor.id, operation.id, MOST_PREVIEWS)
        if claimed is not None:
            await idempotency.keep(claimed, operation)
        return Run(operation, tuple(_with_token(a, tokens) for a in answers), tuple(sorted(self.portals)))

    async def _mentions(self, began: datetime) -> tuple[list[Mention], datetime]:
        """Whom the selection means, locked and read, and the time at which the run's turn came."""
        if isinstance(self.selection, Newcomers):
            return await self._meet(self.selection.portal_id)
        selected, at = await self._select(self.selection, began)
        return [self._mention(each) for each in selected], at

    async def _meet(self, portal_id: UUID | None) -> tuple[list[Mention], datetime]:
        inviting = self.inviting or Inviting()
        at = await self._hold(list(await portals.by_id(self.actor, [portal_id] if portal_id else [])))
        portal = self.portals.get(portal_id) if portal_id else None
        if portal is None:
            raise Refusal(Code.NOT_FOUND, "There is no such portal.", path=("portalId",))
        mentions = await invitees.meet(self.runtime, self.actor, portal, self.typed, inviting, at)
        if inviting.role is Role.PORTAL_ADMIN:
            self.admins_left = await invitees.admins_left(portal)
        return mentions, at

    async def _select(self, selection: UserSelection, began: datetime) -> tuple[Sequence[Selected], datetime]:
        """The mentions, locked, and the time at which the run's turn came.

        Whoever matches is looked up again once the locks are held: while this run waited for them, another may have
        changed who that is.
        """
        selected = await self._resolve(selection, began)
        at = await self._lock([s.id for s in selected if s.id])
        while isinstance(selection, Matching) and (now := await self._resolve(selection, at)) != selected:
            selected = now
            at = await self._lock([s.id for s in selected if s.id])
        return selected, at

    async def _resolve(self, selection: UserSelection, at: datetime) -> Sequence[Selected]:
        return await selections.resolve(self.actor, self.action, selection, at, dry_run=self.options.dry_run)

    async def _lock(self, ids: Sequence[UUID]) -> datetime:
        """Portals in id order, then users in id order. Gives the time at which the run's turn came."""
        ids = list(dict.fromkeys(ids))
        portal_ids = sorted(await users.portals_of(self.actor, ids))
        at = await self._hold(portal_ids)
        self.found = await users.lock(self.actor, ids, portal_ids)
        return at

    async def _hold(self, portal_ids: Sequence[UUID]) -> datetime:
        """Locks the portals, then reads everything again: what was read before the locks may be stale, the actor's
        rights and the time included."""
        await portals.lock(list(portal_ids))
        at = self.runtime.now()
        actor = await actors.acting(self.actor.id, self.actor.session_id, at)
        if actor is None:
            raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
        access.require_management(actor)
        self.actor = actor
        self.portals = await portals.by_id(actor, portal_ids)
        self.places = {id: portal.place(at) for id, portal in self.portals.items()}
        return at

    def _mention(self, selected: Selected) -> Mention:
        user = self.found.get(selected.id) if selected.id else None
        # A text that merely reads like a row's id mentions nobody; one that a preview did not keep is like no other.
        key = selected.id or selected.sent
        return Mention(selected, key, user, user.name if user else None, user.portal_id if user else None)

    def _decide(self, mentions: Sequence[Mention], at: datetime) -> list[Answer]:
        answers: list[Answer] = []
        first: dict[Hashable, Outcome] = {}
        for mention in mentions:
            earlier = first.get(mention.key) if mention.key is not None else None
            if earlier is not None:
                outcome = refused(earlier.user_id, earlier.new_status, Code.DUPLICATE_IN_REQUEST)
            elif mention.user is None:
                no = mention.refusal or Refusal(Code.NOT_FOUND)
                outcome = refused(None, None, no.code, field=no.path[-1] if no.path else None)
            else:
                outcome = self._outcome(mention.user, at, is_new=mention.is_new)
            first.setdefault(mention.key, outcome)
            answers.append(Answer(mention.selected, outcome, mention.label, mention.portal_id))
        return answers

    def _outcome(self, user: UserRow, at: datetime, *, is_new: bool) -> Outcome:
        place = self.places[user.portal_id]
        terms = self.inviting.terms if self.inviting else InvitationTerms()
        case = ActionRequest(self.action, self.actor, user, place, at, terms, self.mail_waits.get(user.id))
        try:
            change = self._change(case, is_new=is_new)
        except Refusal as no:
            return refused(None if is_new else user.id, None if is_new else user.status, no.code, no.retry_at)
        apply_to_totals(place, change)
        self.decided[user.id] = PlannedChange(user, change)
        if not is_new:
            return succeeded(user.id, user.status, change.transition.status)
        if self.admins_left is not None:
            self.admins_left -= 1
        return succeeded(None if self.options.dry_run else user.id, None, change.transition.status)

    def _change(self, case: ActionRequest, *, is_new: bool) -> Decision:
        if is_new:
            return invitations.add(case, self.admins_left)
        return invitations.invite(case) if case.action is Action.INVITE else decide(case)

    async def _write(self, mentions: Sequence[Mention], operation: OperationRow, at: datetime) -> Mapping[UUID, str]:
        """Writes what was decided; gives the tokens of the links that are to be passed on."""
        new = [m.user for m in mentions if m.is_new and m.user and m.user.id in self.decided]
        await invitees.add(self.runtime, self.actor, new, self.options.reason, operation.id)
        decided, tokens = list(self.decided.values()), {}
        if self.inviting is None:
            await effects.apply(self.runtime, self.action, decided, self.portals, at, actor_id=self.actor.id)
        elif self.inviting.delivery is Delivery.NONE:
            return {}
        else:
            tokens = await send(self.runtime, decided, self.portals, self.inviting, at, actor_id=self.actor.id)
        await effects.record(
            self.runtime,
            self.action,
            decided,
            at,
            actor_id=self.actor.id,
            reason=self.options.reason,
            operation_id=operation.id,
        )
        return tokens

    def _abort(self, mentions: Sequence[Mention], answers: Sequence[Answer]) -> list[Answer]:
        """ALL_OR_NOTHING: the culprits keep their reason, the others say that they were not touched.

        Everybody stands where he stood, also whoever is mentioned again behind an action that is not to be.
        """
        self.decided.clear()
        before = {m.user.id: m.user.status for m in mentions if m.user and not m.is_new}
        return [replace(a, outcome=_aborted(a.outcome, before)) for a in answers]

    def _operation(self, answers: Sequence[Answer], at: datetime) -> OperationRow:
        state = State.PREVIEW if self.options.dry_run else summary_of([a.outcome for a in answers]).state
        return OperationRow(
            id=self.runtime.new_id(),
            mssp_id=self.actor.mssp_id,
            action=self.action,
            state=state,
            actor_id=self.actor.id,
            reason=self.options.reason,
            created_at=at,
            finished_at=at,
            preview_expires_at=at + PREVIEW_LIVES if self.options.dry_run else None,
        )


def _with_token(answer: Answer, tokens: Mapping[UUID, str]) -> Answer:
    """A second mention of the same user is not told the link again."""
    id = answer.outcome.user_id
    is_first = answer.outcome.status is OutcomeStatus.SUCCEEDED
    return replace(answer, token=tokens[id]) if id and is_first and id in tokens else answer


def _aborted(outcome: Outcome, before: Mapping[UUID, Status]) -> Outcome:
    stood = before.get(outcome.user_id) if outcome.user_id else None
    id = outcome.user_id if stood else None
    return refused(id, stood, outcome.reason or Code.ABORTED_BY_POLICY, outcome.retry_at, field=outcome.field)
