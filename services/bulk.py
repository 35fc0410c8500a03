"""The bulk engine: lock, re-read, decide every user in pure code, then write with a handful of set-based statements.

Everything is bulk; one user is a bulk of one. The number of statements does not grow with the number of users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from models import actors, operations, portals, users
from models.operations import OperationRow
from models.users import UserRow
from rules import access
from rules.access import Actor
from rules.decisions import Case, Change, Place, decide, settle
from rules.lifecycle import Action, Status
from rules.outcomes import Outcome, OutcomeStatus, refused, succeeded, summary_of
from rules.refusals import Code, Refusal
from services import effects
from services.effects import Decided
from services.work import Work

MOST_USERS = 1000
"""In one transaction."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One mention in a selection: as it was sent, and the user's id in it; None when it holds none."""

    sent: str
    id: UUID | None


@dataclass(frozen=True, slots=True)
class Options:
    all_or_nothing: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One mention's outcome with what is known of the user: `label` is his name as the run found it."""

    selected: Selected
    outcome: Outcome
    label: str | None = None
    portal_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `portal_ids` are those of the users found, whether or not they changed."""

    operation: OperationRow
    answers: tuple[Answer, ...]
    portal_ids: tuple[UUID, ...]
    replayed: bool = False


async def run(work: Work, actor: Actor, action: Action, selection: Sequence[Selected], options: Options) -> Run:
    """Does `action` to every selected user that the rules let `actor` do it to; one answer per mention, in order.

    Refusal when nothing was attempted: NOT_ALLOWED, INVALID_INPUT, TOO_MANY_USERS; UNAUTHENTICATED when the actor lost
    access meanwhile.
    """
    access.require_management(actor)
    if not selection:
        raise Refusal(Code.INVALID_INPUT, "Nobody is selected. Choose at least one user.", path=("users", "ids"))
    if len(selection) > MOST_USERS:
        raise Refusal(
            Code.TOO_MANY_USERS,
            f"{len(selection):,} users are selected; at most {MOST_USERS:,} go in one call. Send them in parts.",
            path=("users", "ids"),
        )
    return await work.transactions.run(lambda: _Engine(work, actor, action, selection, options).run())


@dataclass(slots=True)
class _Engine:
    """One attempt at a run, inside its transaction; a retry starts with a new one."""

    work: Work
    actor: Actor
    action: Action
    selection: Sequence[Selected]
    options: Options
    places: dict[UUID, Place] = field(default_factory=dict)
    found: dict[UUID, UserRow] = field(default_factory=dict)
    decided: dict[UUID, Decided] = field(default_factory=dict)

    async def run(self) -> Run:
        at = await self._lock()
        answers = self._decide()
        if self.options.all_or_nothing and any(a.outcome.status is not OutcomeStatus.SUCCEEDED for a in answers):
            answers = self._abort(answers)

        operation = self._operation(answers, at)
        await effects.apply(self.action, list(self.decided.values()), at)
        await effects.record(self.work, self.actor, operation, list(self.decided.values()), at)
        await operations.record(operation, [self._stored(operation, i, answer) for i, answer in enumerate(answers)])
        return Run(operation, tuple(answers), tuple(self.places))

    async def _lock(self) -> datetime:
        """Portals in id order, then users in id order, then everything is read again: what was read before the locks
        may be stale, the actor's rights and the time included. Gives the time at which the run's turn came."""
        ids = list({s.id: None for s in self.selection if s.id})
        portal_ids = sorted(await users.portals_of(self.actor, ids))
        await portals.lock(portal_ids)
        at = self.work.now()
        actor = await actors.acting(self.actor.id, self.actor.session_id, at)
        if actor is None:
            raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
        access.require_management(actor)
        self.actor = actor
        self.found = await users.lock(actor, ids, portal_ids)
        licensed = await portals.by_id(actor, portal_ids)
        self.places = {id: portal.place(at) for id, portal in licensed.items()}
        return at

    def _decide(self) -> list[Answer]:
        answers: list[Answer] = []
        standing: dict[UUID | str, Status | None] = {}
        for selected in self.selection:
            mention = selected.id or selected.sent  # a text that merely reads like a row's id mentions nobody
            user = self.found.get(selected.id) if selected.id else None
            if mention in standing:
                outcome = refused(user.id if user else None, standing[mention], Code.DUPLICATE_IN_REQUEST)
            elif user is None:
                outcome = refused(None, None, Code.NOT_FOUND)
            else:
                outcome = self._outcome(user)
            standing.setdefault(mention, outcome.new_status)
            answers.append(
                Answer(selected, outcome, user.name if user else None, user.portal_id if user else None),
            )
        return answers

    def _outcome(self, user: UserRow) -> Outcome:
        place = self.places[user.portal_id]
        try:
            change: Change = decide(Case(self.action, self.actor, user, place))
        except Refusal as no:
            return refused(user.id, user.status, no.code)
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
        return refused(outcome.user_id, before, outcome.reason or Code.ABORTED_BY_POLICY)

    def _operation(self, answers: Sequence[Answer], at: datetime) -> OperationRow:
        return OperationRow(
            id=self.work.new_id(),
            mssp_id=self.actor.mssp_id,
            action=self.action,
            state=summary_of([a.outcome for a in answers]).state,
            actor_id=self.actor.id,
            reason=self.options.reason,
            created_at=at,
            finished_at=at,
        )

    def _stored(self, operation: OperationRow, position: int, answer: Answer) -> operations.OutcomeRow:
        return operations.OutcomeRow(
            id=self.work.new_id(),
            operation_id=operation.id,
            position=position,
            sent_id=kept(answer.selected.sent),
            user_id=answer.outcome.user_id,
            portal_id=answer.portal_id,
            status=answer.outcome.status,
            reason=answer.outcome.reason,
            previous_status=answer.outcome.previous_status,
            new_status=answer.outcome.new_status,
        )


def kept(sent: str) -> str | None:
    """What an operation remembers of an id as it was sent: nothing that is not made like one.

    Somebody may paste addresses where ids belong, and operations hold none.
    """
    looks_like_an_id = (
        len(sent) <= 120 and sent.isascii() and sent.rstrip("=").replace("_", "").replace("-", "").isalnum()
    )
    return sent if looks_like_an_id else None
