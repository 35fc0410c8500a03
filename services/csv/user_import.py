"""Import users from a file. The rows run through the bulk engine in chunks, and each row gets an outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from models.operations import OutcomeRow
from models.portals import lookup as portals
from models.portals.lookup import LicensedPortal
from rules import access
from rules.access import Actor
from rules.bulk_limits import LONGEST_IDEMPOTENCY_KEY, MOST_USERS
from rules.grants.access_changes import AccessChange
from rules.lifecycle.licenses import UserKind
from rules.messages.bulk import BulkMessage
from rules.outcomes import OutcomeStatus
from rules.refusals import Code, Refusal
from services.bulk import engine, idempotency
from services.bulk.plan import RunOptions
from services.bulk.results import BulkResult
from services.bulk.targets.selection import Invitees
from services.csv import file_rows
from services.csv.file_rows import RowDefaults, RowInvitee, UploadedFile
from services.csv.import_plan import EarlierChunks, ImportPlan
from services.grants.requested_access import MOST_GRANTS
from services.onboarding.invitations import InvitationOptions
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How the users of a file are added and invited. `bulk` holds the options of each chunk's call.

    Either `portal_slug` or `portal_id` names the portal.
    """

    portal_id: UUID | None
    portal_slug: str | None
    invitation: InvitationOptions
    bulk: RunOptions
    defaults: RowDefaults


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome of a row. `label` is the user's name.

    `token` is the token of an invitation link that the actor passes on. It is None if there is no such link.
    """

    line: int
    outcome: OutcomeRow
    label: str | None
    token: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class UserImport:
    """An import that has begun: the portal, the rows of the file, and the operations of the chunks that were run."""

    portal: LicensedPortal
    rows: Sequence[RowInvitee]
    _runtime: Runtime
    _actor: Actor
    _options: ImportOptions
    _file: str
    operation_ids: list[UUID] = field(default_factory=list)
    replayed: bool = False
    """Whether at least one chunk of the file was not run, because an earlier upload of the chunk stored outcomes."""
    _first: dict[Hashable, OutcomeRow] = field(default_factory=dict)
    _earlier: EarlierChunks = field(default_factory=EarlierChunks)

    @classmethod
    async def read(
        cls,
        runtime: Runtime,
        actor: Actor,
        file: UploadedFile,
        options: ImportOptions,
        checkpoint: Callable[[], Awaitable[None]],
    ) -> UserImport:
        """Read and check the uploaded file, and return the import, of which nothing is written yet.

        Raise Refusal(NOT_ALLOWED) if the actor does not manage users, or may not add users of the default kind. Raise
        Refusal(INVALID_INPUT) if the options do not name exactly one portal, or Refusal(NOT_FOUND) if the actor may not
        see the portal. Raise the refusals of `file_rows.read`.
        """
        access.require_management(actor)
        _check(actor, options)
        portal = await portals.by_id_or_slug(actor, options.portal_id, options.portal_slug)
        if portal is None:
            path = ("portalId",) if options.portal_slug is None else ("portalSlug",)
            raise Refusal(BulkMessage.NO_SUCH_PORTAL, path=path)
        rows = await file_rows.read(file, actor, portal.row, options.defaults, checkpoint)
        return cls(portal, rows, runtime, actor, options, file.digest())

    async def chunks(self) -> AsyncIterator[list[RowOutcome]]:
        """Run the chunks in order, each in its own transaction. Yield the outcomes of each chunk's rows.

        Raise the refusals of `engine.run`. The chunks before a refused chunk stay written. After an upload of the same
        file with the same key, the import continues with the refused chunk.
        """
        for number, rows in enumerate(chunks_of(self.rows, self._options.defaults.access)):
            yield await self._chunk(number, rows)

    async def _chunk(self, number: int, rows: Sequence[RowInvitee]) -> list[RowOutcome]:
        run = await self._run(number, self._without_duplicates(rows))
        outcomes = iter(zip(run.outcomes, run.targets, strict=True) if run else ())
        found = []
        for row in rows:
            key = row.cleaned.key
            if key is not None and key in self._first:
                found.append(RowOutcome(row.line, _duplicate(self._first[key]), row.typed.label))
                continue
            outcome, target = next(outcomes)
            if key is not None:
                self._first[key] = outcome
            token = run.token(outcome) if run else None
            found.append(RowOutcome(row.line, outcome, target.label, token))
        return found

    def _without_duplicates(self, rows: Sequence[RowInvitee]) -> list[RowInvitee]:
        seen, first = set(self._first), []
        for row in rows:
            key = row.cleaned.key
            if key is None or key not in seen:
                first.append(row)
            seen.add(key)
        return first

    async def _run(self, number: int, rows: Sequence[RowInvitee]) -> BulkResult | None:
        if not rows:
            return None
        bulk = self._options.bulk
        selection = Invitees(self.portal.row.id, tuple(row.typed for row in rows))
        people = [row.cleaned for row in rows]
        access = self._options.defaults.access
        plan = ImportPlan(selection, people, self._options.invitation, access, self._file, self._earlier)
        options = RunOptions(
            dry_run=bulk.dry_run, idempotency_key=self._key(number), reason=bulk.reason, ticket=bulk.ticket
        )
        try:
            run = await engine.run(self._runtime, self._actor, plan, options)
        except Refusal as refusal:
            if refusal.code is Code.IDEMPOTENCY_KEY_REUSED and bulk.idempotency_key is None:
                # The same texts in the file name other entries now.
                raise Refusal(BulkMessage.OTHER_ROWS, path=idempotency.PATH) from None
            raise
        if bulk.dry_run:
            self._earlier.add_chunk(run)
        self.operation_ids.append(run.operation.id)
        self.replayed = self.replayed or run.replayed
        return run

    def _key(self, number: int) -> str:
        """Return the idempotency key of a chunk, derived from the caller's key and the chunk's number.

        If the caller gave no key, the key is derived from the file and all options. The same file with other options is
        then imported again.
        """
        options = self._options
        same = options.bulk.idempotency_key or (
            f"{self._file} {self.portal.row.id} {options.invitation} {options.defaults}"
            f" {options.bulk.reason!r} {options.bulk.ticket!r}"
        )
        kind = "key" if options.bulk.idempotency_key else "file"
        return f"csv:{sha256(f'{kind} {same}'.encode(errors='replace')).hexdigest()}:{number}"


def chunks_of(rows: Sequence[RowInvitee], access: AccessChange | None) -> Iterator[Sequence[RowInvitee]]:
    """Divide the rows into chunks of at most MOST_USERS rows.

    The users of one chunk together are granted at most MOST_GRANTS entries of the catalogue, unless the chunk has only
    one row. `access` is what a row grants if its cells say nothing about access.
    """
    start, grants = 0, 0
    for place, row in enumerate(rows):
        given = row.typed.access or access
        added = sum(len(entries) for _, entries in given.lists) if given else 0
        if place > start and (place - start == MOST_USERS or grants + added > MOST_GRANTS):
            yield rows[start:place]
            start, grants = place, 0
        grants += added
    yield rows[start:]


def _check(actor: Actor, options: ImportOptions) -> None:
    if options.portal_id is not None and options.portal_slug is not None:
        raise Refusal(BulkMessage.TWO_PORTALS, path=("portalSlug",))
    if options.portal_id is None and options.portal_slug is None:
        raise Refusal(BulkMessage.NO_PORTAL, path=("portalId",))
    if options.defaults.kind is UserKind.INTERNAL and not actor.is_staff:
        raise Refusal(BulkMessage.INTERNAL_INVITEE, path=("kind",))
    key = options.bulk.idempotency_key
    if key is not None and len(key) > LONGEST_IDEMPOTENCY_KEY:
        raise Refusal(BulkMessage.KEY_LENGTH, path=("idempotencyKey",), maximum=LONGEST_IDEMPOTENCY_KEY)


def _duplicate(first: OutcomeRow) -> OutcomeRow:
    """Return the outcome of a row whose person occurs in an earlier row, too. `first` is the earlier row's outcome."""
    return first._replace(
        status=OutcomeStatus.SKIPPED,
        reason=Code.DUPLICATE_IN_REQUEST,
        previous_status=first.new_status,
        retry_at=None,
        field=None,
    )
