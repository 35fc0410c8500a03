"""Batched reads of one request. Reads of one kind by many fields are combined into one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from models import audit, operation_contents, providers
from models import deleted_names as names_of_deleted
from models import operations as operation_rows
from models import staff as staff_rows
from models.auth import failed_sign_ins, second_factors
from models.auth import sessions as session_rows
from models.auth.sessions import ListedSessionRow
from models.db.keyset import pages as keyset
from models.db.keyset.listings import Listing, Window
from models.db.keyset.pages import Page, ShownPage
from models.db.rows import R
from models.db.sql import Sql, all_of, sql
from models.grants import catalogue, of_users
from models.grants.table import GrantableRow
from models.portals import assignments, tags
from models.portals import lookup as portal_rows
from models.users import invitations as invitation_rows
from models.users import listing as user_listing
from models.users import lookup as user_rows
from models.users.listing import Sorting
from models.users.selection.conditions import UserQuery, conditions, portals_among
from models.users.table import UserRow
from resolvers.loading.pacing import BatchedRead
from rules.access import Actor
from rules.grants.kinds import GrantableKind
from rules.mail.caps import FOR_ADMINS
from services.mail import caps as mail_caps
from services.mail.caps import Addressed

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Found = Callable[[Actor, list[UUID]], Awaitable[Mapping[UUID, T]]]


def _by_id(find: Found[T]) -> cached_property[DataLoader[UUID, T | None]]:
    """Declare a loader that finds rows by id with the function `find`."""

    def loader(loaders: Loaders) -> DataLoader[UUID, T | None]:
        async def load(ids: list[UUID]) -> list[T | None]:
            found = await find(loaders.actor, ids)
            return [found.get(row_id) for row_id in ids]

        return DataLoader(BatchedRead(load))

    return cached_property(loader)


def _batched(read: Callable[[Loaders, list[K]], Awaitable[list[T]]]) -> cached_property[DataLoader[K, T]]:
    """Declare a loader. `read` returns a list with one result for each key."""
    return cached_property(lambda loaders: DataLoader(BatchedRead(partial(read, loaders))))


class Loaders:
    """The batched reads of one request. A loader returns None for a row that the actor does not see.

    Each loader is made at its first use. The methods whose names end with `_by_owner` return loaders of lists. The
    owner of a list is the object that has the list, such as a portal. A key identifies the owner, such as the portal's
    id.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._by_owner: dict[Hashable, DataLoader[Any, Any]] = {}

    portals = _by_id(portal_rows.by_id)
    users = _by_id(user_rows.by_id)
    staff = _by_id(staff_rows.staff)
    providers = _by_id(providers.by_id)
    account_names = _by_id(staff_rows.account_names)
    portal_tags = _by_id(tags.of_portals)
    assigned_tags = _by_id(assignments.tags)
    grantables = _by_id(catalogue.by_id)
    grants = _by_id(of_users.grants)
    packages = _by_id(portal_rows.packages)
    events = _by_id(audit.by_id)
    operations = _by_id(operation_rows.by_id)
    deleted_names = _by_id(names_of_deleted.by_id)
    failed_mails = _by_id(invitation_rows.mail_failures)
    invitations = _by_id(invitation_rows.newest)
    operation_portals = _by_id(operation_contents.portals)
    summaries = _by_id(operation_contents.summaries)
    recovery_codes = _by_id(second_factors.own_codes_left)
    last_failures = _by_id(failed_sign_ins.last_by_user)

    @_batched
    async def catalogues(self, asked: list[tuple[UUID, GrantableKind]]) -> list[list[GrantableRow]]:
        """Return the catalogue entries of each pair of a portal's id and a kind, by one statement."""
        portal_ids, kinds = {portal_id for portal_id, _ in asked}, {kind for _, kind in asked}
        found = await catalogue.of_portals(self.actor, portal_ids, kinds)
        return [[row for row in found.get(portal_id, ()) if row.kind is kind] for portal_id, kind in asked]

    @_batched
    async def mail_waits(self, asked: list[tuple[Addressed, datetime]]) -> list[datetime | None]:
        """Return when each mail can be queued: a time if a limit (the cap FOR_ADMINS) is reached, or None for now.

        FOR_ADMINS limits the mails of one kind to one address, per hour and per day, that admins request.
        """
        found = await mail_caps.allowed_at_each(
            {mail: mail for mail, _ in asked}, max(at for _, at in asked), FOR_ADMINS
        )
        return [found.get(mail) for mail, _ in asked]

    @_batched
    async def sessions(self, asked: list[tuple[UUID, datetime]]) -> list[ListedSessionRow | None]:
        found = await session_rows.by_id(
            self.actor, max(at for _, at in asked), [session_id for session_id, _ in asked]
        )
        rows = {row.id: row for row in found}
        return [rows.get(session_id) for session_id, _ in asked]

    @_batched
    async def account_sessions(self, asked: list[tuple[UUID, datetime]]) -> list[list[ListedSessionRow] | None]:
        found = await session_rows.of_accounts(self.actor, max(at for _, at in asked), [key for key, _ in asked])
        return [found.get(key) for key, _ in asked]

    def pages_by_owner(
        self, what: Hashable, listing: Listing[R], where: Callable[[K], Sql], window: Window
    ) -> DataLoader[K, Page[R]]:
        """Return a loader of pages: for the key of a list's owner, it gives one page of the list.

        `what` identifies the list and its arguments. `where` returns the SQL condition on the items of an owner's list.
        """

        async def load(owners: list[K]) -> list[Page[R]]:
            pages = await keyset.pages(listing, {owner: where(owner) for owner in owners}, window)
            return [pages[owner] for owner in owners]

        return self._by_owner.setdefault(("pages", what, window), DataLoader(BatchedRead(load)))

    def counts_by_owner(self, what: Hashable, source: str | Sql, where: Callable[[K], Sql]) -> DataLoader[K, int]:
        """Return a loader that counts: given the key of an object, it returns the number of items in the object's list.

        For example, the object is a portal, the key is its id, and the list is its catalogue. `what` identifies the
        list and its arguments. `source` is the SQL of the table to count in. `where` returns, for a key, the SQL
        condition on the items.
        """

        async def load(owners: list[K]) -> list[int]:
            counts = await keyset.counts(source, {owner: where(owner) for owner in owners})
            return [counts[owner] for owner in owners]

        return self._by_owner.setdefault(("counts", what), DataLoader(BatchedRead(load)))

    def users_by_owner(
        self, query: UserQuery, sorting: Sorting, window: Window, at: datetime
    ) -> DataLoader[UUID, Page[UserRow]]:
        """Return a loader of pages: for a portal's id, it gives one page of the portal's users that match `query`."""
        what = ("users", repr(query), sorting)
        listing = user_listing.listing(self.actor, query, sorting, in_portal=True)
        return self.pages_by_owner(what, listing, partial(self._where, query, at), window)

    def shown_users_by_owner(
        self, names: tuple[str, ...], query: UserQuery, sorting: Sorting, window: Window, at: datetime
    ) -> DataLoader[UUID, ShownPage]:
        """Return a loader of pages: for a portal's id, it gives one page of the portal's users that match `query`.

        Unlike `users_by_owner`, it reads only the columns `names`, and the page has records instead of rows.
        """
        listing = user_listing.listing(self.actor, query, sorting, in_portal=True)
        where = partial(self._where, query, at)

        async def load(owners: list[UUID]) -> list[ShownPage]:
            groups = {owner: where(owner) for owner in owners}
            pages = await keyset.shown_pages(listing, names, groups, window)
            return [pages[owner] for owner in owners]

        what = ("shown users", names, repr(query), sorting, window)
        return self._by_owner.setdefault(what, DataLoader(BatchedRead(load)))

    def user_counts_by_owner(self, query: UserQuery, at: datetime) -> DataLoader[UUID, int]:
        """Return a loader of counts: for a portal's id, it gives the number of users that match `query`."""

        async def load(portal_ids: list[UUID]) -> list[int]:
            where = all_of(
                [
                    user_rows.managed_by(self.actor),
                    portals_among(portal_ids),
                    *conditions(query, at),
                ]
            )
            counts = await keyset.count_by("portal_user u", "u.portal_id", where)
            by_portal = {UUID(str(portal_id)): count for portal_id, count in counts.items()}
            return [by_portal.get(portal_id, 0) for portal_id in portal_ids]

        return self._by_owner.setdefault(("counts", "users", repr(query)), DataLoader(BatchedRead(load)))

    def _where(self, query: UserQuery, at: datetime, portal_id: UUID) -> Sql:
        return all_of([user_rows.managed_by(self.actor), sql("u.portal_id = ?", portal_id), *conditions(query, at)])
