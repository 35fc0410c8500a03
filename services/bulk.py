"""The bulk engine: lock, re-read, decide every user in pure code, then write with a handful of set-based statements.

Everything is bulk; one user is a bulk of one. The number of statements does not grow with the number of users. A dry
run is the same path with nothing written but its preview.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from models import actors, operations, portals, users
from models.operations import OperationRow
from models.portals import LicensedPortal
from models.users import UserRow
from rules import access
from rules.access import Actor
from rules.decisions import Case, Change, Place, decide, settle
from rules.lifecycle import Action, Status
from rules.outcomes import Outcome, OutcomeStatus, State, refused, succeeded, summary_of
from rules.refusals import Code, Refusal
from services import effects, idempotency, selections
from services.effects import Decided
from services.runs import Answer, Run, stored
from services.selections import Matching, Selected, Selection
from services.work import Work

PREVIEW_LIVES = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Options:
    """How to act. The key is ignored in a dry run."""

    dry_run: bool = False
    all_or_nothing: bool = False
    idempotency_key: str | None = None
    reason: str | None = None


async def run(work: Work, actor: Actor, action: Action, selection: Selection, options: Options) -> Run:
    """Does `action` to every selected user that the rules let `actor` do it to; one answer per mention, in order.

    Refusal when nothing was attempted: NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED, and those of `selections.resolve`;
    UNAUTHENTICATED when the actor lost access meanwhile.
    """
    access.require_management(actor)
    return await work.transactions.run(lambda: _Engine(work, actor, action, selection, options).run())


@dataclass(slots=True)
class _Engine:
    """One attempt at a run, inside its transaction; a retry starts with a new one."""

    work: Work
    actor: Actor
    action: Action
    selection: Selection
    options: Options
    portals: Mapping[UUID, LicensedPortal] = field(default_factory=dict)
    places: dict[UUID, Place] = field(default_factory=dict)
    found: dict[UUID, UserRow] = field(default_factory=dict)
    decided: dict[UUID, Decided] = field(default_factory=dict)

    async def run(self) -> Run:
        began, options = self.work.now(), self.options
        key = None if options.dry_run else options.idempotency_key
        claimed = await idempotency.claim(self.work, self.actor, self.action, key, (self.selection, options), began)
        if isinstance(claimed, Run):
            return claimed

        mentions, at = await self._select(began)
        answers = self._decide(mentions, at)
        if options.all_or_nothing and any(a.outcome.status is not OutcomeStatus.SUCCEEDED for a in answers):
            answers = self._abort(answers)

        operation = self._operation(answers, at)
        if not options.dry_run:
            decided = list(self.decided.values())
            await effects.apply(self.work, self.action, decided, self.portals, at)
            await effects.record(
                self.work,
                self.action,
                decided,
                at,
                actor_id=self.actor.id,
                reason=self.options.reason,
                operation_id=operation.id,
            )
        await operations.record(operation, stored(self.work, operation, answers))
        if claimed is not None:
            await idempotency.keep(claimed, operation)
        return Run(operation, tuple(answers), tuple(sorted(self.portals)))

    async def _select(self, began: datetime) -> tuple[Sequence[Selected], datetime]:
        """The mentions, locked, and the time at which the run's turn came.

        Whoever matches is looked up again once the locks are held: while this run waited for them, another may have
        changed who that is.
        """
        mentions = await self._resolve(began)
        at = await self._lock([s.id for s in mentions if s.id])
        while isinstance(self.selection, Matching) and (now := await self._resolve(at)) != mentions:
            mentions = now
            at = await self._lock([s.id for s in mentions if s.id])
        return mentions, at

    async def _resolve(self, at: datetime) -> Sequence[Selected]:
        return await selections.resolve(self.actor, self.action, self.selection, at, dry_run=self.options.dry_run)

    async def _lock(self, ids: Sequence[UUID]) -> datetime:
        """Portals in id order, then users in id order, then everything is read again: what was read before the locks
        may be stale, the actor's rights and the time included. Gives the time at which the run's turn came."""
        ids = list(dict.fromkeys(ids))
        portal_ids = sorted(await users.portals_of(self.actor, ids))
        await portals.lock(portal_ids)
        at = self.work.now()
        actor = await actors.acting(self.actor.id, self.actor.session_id, at)
        if actor is None:
            raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
        access.require_management(actor)
        self.actor = actor
        self.found = await users.lock(actor, ids, portal_ids)
        self.portals = await portals.by_id(actor, portal_ids)
        self.places = {id: portal.place(at) for id, portal in self.portals.items()}
        return at

    def _decide(self, mentions: Sequence[Selected], at: datetime) -> list[Answer]:
        answers: list[Answer] = []
        standing: dict[UUID | str | None, Status | None] = {}
        for selected in mentions:
            # A text that merely reads like a row's id mentions nobody; one that a preview did not keep is like no other.
            mention = selected.id or selected.sent
            user = self.found.get(selected.id) if selected.id else None
            if mention is not None and mention in standing:
                outcome = refused(user.id if user else None, standing[mention], Code.DUPLICATE_IN_REQUEST)
            elif user is None:
                outcome = refused(None, None, Code.NOT_FOUND)
            else:
                outcome = self._outcome(user, at)
            standing.setdefault(mention, outcome.new_status)
            answers.append(
                Answer(selected, outcome, user.name if user else None, user.portal_id if user else None),
            )
        return answers

    def _outcome(self, user: UserRow, at: datetime) -> Outcome:
        place = self.places[user.portal_id]
        try:
            change: Change = decide(Case(self.action, self.actor, user, place, at))
        except Refusal as no:
            return refused(user.id, user.status, no.code, no.retry_at)
        settle(place, change)
        self.decided[user.id] = Decided(user, change)
        return succeeded(user.id, user.status, change.move.status)

    def _abort(self, answers: list[Answer]) -> list[Answer]:
        """ALL_OR_NOTHING: the culprits keep their reason, the others say that they were not touched."""
        self.decided.clear()
        return [replace(a, outcome=self._aborted(a.outcome)) for a in answers]

    def _aborted(self, outcome: Outcome) -> Outcome:
        """Everybody stands where he stood, also whoever is mentioned again behind an action that is not to be."""
        before = self.found[outcome.user_id].status if outcome.user_id else None
        return refused(outcome.user_id, before, outcome.reason or Code.ABORTED_BY_POLICY, outcome.retry_at)

    def _operation(self, answers: Sequence[Answer], at: datetime) -> OperationRow:
        state = State.PREVIEW if self.options.dry_run else summary_of([a.outcome for a in answers]).state
        return OperationRow(
            id=self.work.new_id(),
            mssp_id=self.actor.mssp_id,
            action=self.action,
            state=state,
            actor_id=self.actor.id,
            reason=self.options.reason,
            created_at=at,
            finished_at=at,
            preview_expires_at=at + PREVIEW_LIVES if self.options.dry_run else None,
        )
