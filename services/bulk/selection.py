"""Who is meant: ids as they were sent, everybody who matches, or exactly those of a preview."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models import operations, portals
from models.users import listing as user_listing
from models.users.listing import Sorting, UserQuery
from models.users.table import UserRow
from rules.access import Actor
from rules.lifecycle.actions import Action
from rules.outcomes import State
from rules.refusals import Code, Refusal
from rules.text import characters
from rules.text.folding import display_name

MOST_USERS = 1000
"""In one transaction."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One mention in a selection: as it was sent (None when it was not spelled out), and the user's id in it (None when
    it holds none)."""

    sent: str | None
    id: UUID | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention once everybody in it is locked and read: whom it means, if anybody, and what is known without deciding.

    The second mention of the same `key` is a duplicate; None is like no other. A new user is not stored yet.
    """

    selected: Selected
    key: Hashable | None
    user: UserRow | None
    label: str | None
    portal_id: UUID | None
    is_new: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ByIds:
    mentions: tuple[Selected, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """Everybody who matches, in the given order; `expected_count` None is for dry runs only."""

    which: UserQuery
    sorting: Sorting
    exclude: tuple[UUID, ...] = ()
    expected_count: int | None = None


@dataclass(frozen=True, slots=True)
class ByPreview:
    """The users of an earlier dry run; None names no operation at all."""

    operation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody who is to be added, as typed."""

    email: str | None
    first_name: str | None
    last_name: str | None
    username: str | None

    @property
    def label(self) -> str | None:
        """The name, else the address, else the username; None where nothing was typed.

        It can be shown, whatever was typed.
        """
        names, email, username = (self.first_name, self.last_name), self.email, self.username
        first, last, address = ((text or "").strip() or None for text in (*names, email))
        return characters.shown(display_name(first, last, address, (username or "").strip())) or None


@dataclass(frozen=True, slots=True)
class Newcomers:
    """People who are to be in that portal; whoever is there already is meant by his address. None names no portal."""

    portal_id: UUID | None
    invitees: tuple[Invitee, ...]


UserSelection = ByIds | Matching | ByPreview
"""Of users who are there."""

Selection = UserSelection | Newcomers

FIELD = {ByIds: "ids", Matching: "matching", ByPreview: "previewId"}
"""The input field that each comes from."""


async def resolve(
    actor: Actor, action: Action, selection: UserSelection, at: datetime, *, dry_run: bool
) -> Sequence[Selected]:
    """The mentions in their order, inside the transaction that acts on them.

    Refusal INVALID_INPUT for nobody, TOO_MANY_USERS, SELECTION_CHANGED, NOT_FOUND, PREVIEW_EXPIRED.
    """
    if isinstance(selection, ByIds):
        mentions: Sequence[Selected] = selection.mentions
    elif isinstance(selection, Matching):
        mentions = await _matching(actor, selection, at, dry_run=dry_run)
    else:
        mentions = await _previewed(actor, action, selection, at, dry_run=dry_run)
    check_number(len(mentions), ("users", FIELD[type(selection)]))
    return mentions


def check_number(selected: int, path: tuple[str, ...]) -> None:
    """Refusal INVALID_INPUT for nobody, TOO_MANY_USERS for more than go in one transaction."""
    if not selected:
        raise Refusal(Code.INVALID_INPUT, "Nobody is selected. Choose at least one user.", path=path)
    if selected > MOST_USERS:
        raise Refusal(
            Code.TOO_MANY_USERS,
            f"{selected:,} users are selected; at most {MOST_USERS:,} go in one call. Send them in parts.",
            path=path,
        )


async def _matching(actor: Actor, selection: Matching, at: datetime, *, dry_run: bool) -> list[Selected]:
    if selection.expected_count is None and not dry_run:
        raise Refusal(
            Code.INVALID_INPUT,
            "Say how many users you expect to match: the totalCount of the list, or of a dry run.",
            path=("users", "matching", "expectedCount"),
        )
    if selection.which.portal_id is not None and not await portals.by_id(actor, [selection.which.portal_id]):
        raise Refusal(Code.NOT_FOUND, "There is no such portal.", path=("users", "matching", "portalId"))

    ids = await user_listing.ids_of(actor, selection.which, selection.sorting, selection.exclude, at, MOST_USERS + 1)
    count = len(ids)
    if count > MOST_USERS:
        count = await user_listing.count_of(actor, selection.which, selection.exclude, at)
    if selection.expected_count is not None and count != selection.expected_count:
        raise Refusal(
            Code.SELECTION_CHANGED,
            f"{count:,} users match now, not {selection.expected_count:,}. Look at the list again.",
            path=("users", "matching", "expectedCount"),
        )
    if count > MOST_USERS:
        raise Refusal(
            Code.TOO_MANY_USERS,
            f"{count:,} users match; at most {MOST_USERS:,} go in one call. Narrow the selection.",
            path=("users", "matching"),
        )
    return [Selected(sent=None, id=id) for id in ids]


async def _previewed(
    actor: Actor, action: Action, selection: ByPreview, at: datetime, *, dry_run: bool
) -> list[Selected]:
    """The preview's mentions; those that named nobody then name nobody now."""
    path = ("users", "previewId")
    id = selection.operation_id
    preview = (await operations.by_id(actor, [id])).get(id) if id else None
    if preview is None or (preview.actor_id, preview.action, preview.state) != (actor.id, action, State.PREVIEW):
        raise Refusal(Code.NOT_FOUND, "There is no such preview of this mutation. Preview again.", path=path)
    run_out = preview.preview_expires_at is None or preview.preview_expires_at <= at
    if run_out or not (dry_run or await operations.use_preview(preview.id, at)):
        raise Refusal(Code.PREVIEW_EXPIRED, "This preview has run out, or was used. Preview again.", path=path)
    return [Selected(outcome.sent_id, outcome.user_id) for outcome in await operations.outcomes_of(preview.id)]
