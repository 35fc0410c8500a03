"""Export users page by page. The actor's rights are read again for each page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.auth import actors
from models.db.keyset import pages as keyset
from models.db.keyset.listings import Window
from models.db.keyset.pages import ShownPage
from models.db.keyset.spans import Position
from models.db.sql import Sql, all_of
from models.grants import of_users
from models.grants.of_users import Grant
from models.portals import lookup as portals
from models.users import listing as user_listing
from models.users import lookup as users
from models.users.listing import Sorting
from models.users.selection import indexed_search
from models.users.selection.conditions import UserQuery, conditions
from rules import access
from rules.access import Actor, Role, access_ended
from rules.audit_events import PortalEvent
from rules.security_events import SecurityEvent
from services.bulk import selection_words
from services.bulk.targets.selection import Matching
from services.runtime import Runtime

PAGE_ROWS = 1_000
"""The number of users that one statement of an export reads."""

EXPORT_NAME = "users/export"
"""The name of an export in the security log."""


@dataclass(slots=True)
class UserExport:
    """An export of users that has begun.

    - `query`, `sorting`: select and order the users.
    - `names`: the columns of UserRow to read.
    - `shown`: the names of the exported columns, for the audit log.
    - `rows`: the number of users that have been read.
    """

    _runtime: Runtime
    _actor: Actor
    query: UserQuery
    sorting: Sorting
    names: tuple[str, ...]
    shown: tuple[str, ...]
    at: datetime
    """The time at which the export began. In every page, durations such as P90D are subtracted from this time."""
    rows: int = 0
    _portals: Mapping[UUID, tuple[str, str]] = field(default_factory=dict)
    _reach: frozenset[UUID] | None = None
    _narrowed: Sequence[Sql] | None = None
    _actor_of_page: Actor | None = None

    @classmethod
    async def begin(
        cls,
        runtime: Runtime,
        actor: Actor,
        query: UserQuery,
        sorting: Sorting,
        names: tuple[str, ...],
        shown: tuple[str, ...],
    ) -> UserExport:
        """Begin an export, and write the security event.

        Raise Refusal(NOT_ALLOWED) if the actor does not manage users. If `query.portal_id` is given, the actor must
        manage the users of that portal.
        """
        access.require_management(actor)
        runtime.security.note(
            SecurityEvent.EXPORTED,
            account_id=actor.id,
            portal_id=query.portal_id or actor.portal_id,
            mssp_id=actor.mssp_id,
            session_id=actor.session_id,
            what=EXPORT_NAME,
        )
        export = cls(runtime, actor, query, sorting, names, shown, runtime.now())
        await export.portal_names({export._portal_id} if export._portal_id else set())
        return export

    @property
    def _portal_id(self) -> UUID | None:
        """The id of the portal whose users are exported. None if the users can be in several portals."""
        return self.query.portal_id or self._actor.portal_id

    async def pages(self) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """Yield the records of each page. A record is the values of one user, beginning with the columns `names`.

        Ids and instants are text, as in the API. A user who changes between two pages can be missing, or appear twice.
        Raise Refusal(UNAUTHENTICATED) if the actor's access has ended or has become smaller. The file is then not
        complete.
        """
        position: Position | None = None
        while True:
            page = await self._page(position)
            self.rows += len(page.records)
            yield page.records
            if not page.has_next:
                return
            position = tuple(page.records[-1][place] for place in page.places)

    async def _page(self, position: Position | None) -> ShownPage:
        actor = self._actor_of_page = await self._current_actor()
        listing = user_listing.listing(
            actor, self.query, self.sorting, in_portal=user_listing.is_in_portal(actor, self.query)
        )
        if self._narrowed is None:
            is_searched = bool(self.query.search)
            self._narrowed = await indexed_search.narrowed(actor, self.query, listing, self.at) if is_searched else ()
        reached = [] if user_listing.is_merged_by_portal(actor, self.query) else [users.managed_by(actor)]
        where = all_of([*reached, *conditions(self.query, self.at), *self._narrowed])
        return await keyset.shown_page(listing, self.names, where, Window(PAGE_ROWS, position))

    async def _current_actor(self) -> Actor:
        began = self._actor
        actor = await actors.acting(began.id, began.session_id, self._runtime.now())
        if actor is None or not actor.manages_users:
            raise access_ended()
        if (actor.role, actor.portal_id, actor.mssp_id) != (began.role, began.portal_id, began.mssp_id):
            raise access_ended()
        if self.query.portal_id is not None:
            if not await portals.is_managed(actor, self.query.portal_id):
                raise access_ended()
        elif actor.role is Role.MSSP_TECHNICIAN:
            reach = await portals.managed_ids(actor)
            self._reach = self._reach if self._reach is not None else frozenset(reach)
            if not self._reach <= reach:
                raise access_ended()
        return actor

    async def portal_names(self, portal_ids: set[UUID]) -> Mapping[UUID, tuple[str, str]]:
        """Return the slug and the name of each portal, by portal id. Portals of an earlier page are not read again."""
        if unknown := portal_ids - self._portals.keys():
            found = await portals.by_id(self._actor, unknown)
            self._portals = {**self._portals, **{id: (each.row.slug, each.row.name) for id, each in found.items()}}
        return self._portals

    async def grants(self, user_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Grant]]:
        """Return the grants of each user, by user id. Users without grants are left out.

        The users must be on the page that `pages` has yielded last. Ask for few users at a time, because each can hold
        hundreds of entries.
        """
        return await of_users.grants(self._actor_of_page or self._actor, user_ids) if user_ids else {}

    async def record(self, *, is_complete: bool) -> None:
        """Write the audit event of the export. `is_complete` states whether all users were exported.

        The event has the number of rows, and names the columns and the fields of the selection. It contains no searched
        or filtered values.
        """
        await self._runtime.transactions.run(lambda: self._record(is_complete=is_complete))

    async def _record(self, *, is_complete: bool) -> None:
        named = self._portals.get(self._portal_id) if self._portal_id else None
        slug = named[0] if named else None  # None too if the portal was lost before its name was read
        selection = selection_words.describe(Matching(self.query, self.sorting), slug)
        told = {
            "selection": selection_words.matching_in_words(selection, self.rows if is_complete else None),
            "columns": ", ".join(self.shown),
            "rows": str(self.rows),
            "isComplete": str(is_complete).lower(),
        }
        event = AuditRow(
            id=self._runtime.new_id(),
            at=self._runtime.now(),
            event=PortalEvent.USERS_EXPORTED,
            actor_id=self._actor.id,
            mssp_id=self._actor.mssp_id,
            portal_id=self._portal_id,
            user_id=None,
            changes=[{"field": name, "before": None, "after": text} for name, text in told.items()],
        )
        await audit.record([event])
