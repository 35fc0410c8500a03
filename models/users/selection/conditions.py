"""The users that a list shows or that a bulk action selects, as SQL conditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import behind_last, contains, is_any_of
from models.db.sql import Sql, all_of, join, sql
from models.grants import holders
from models.users import invitations
from rules.access import Role
from rules.durations import DateTimeOrDuration
from rules.lifecycle.invitations import InvitationState
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason
from rules.mail.mail_states import LinkMailState
from rules.text import search


class UserConditions(NamedTuple):
    """Conditions on users, joined by AND. A field that is None adds no condition. An empty list matches no user.

    `email_domain_in` holds keys that `rules.text.folding.domain_key` returns.
    """

    # Durations are not converted to instants, so that a repeated request has equal conditions.
    portal_id_in: Sequence[UUID] | None = None
    status_in: Sequence[Status] | None = None
    status_reason_in: Sequence[StatusReason] | None = None
    role_in: Sequence[Role] | None = None
    kind_in: Sequence[UserKind] | None = None
    id_in: Sequence[UUID] | None = None
    email_domain_in: Sequence[str] | None = None
    holds_seat: bool | None = None
    email_verified: bool | None = None
    has_pending_email: bool | None = None
    mfa_enrolled: bool | None = None
    never_signed_in: bool | None = None
    last_sign_in_after: DateTimeOrDuration | None = None
    last_sign_in_before: DateTimeOrDuration | None = None
    not_signed_in_since: DateTimeOrDuration | None = None
    added_after: DateTimeOrDuration | None = None
    added_before: DateTimeOrDuration | None = None
    modified_after: DateTimeOrDuration | None = None
    modified_before: DateTimeOrDuration | None = None
    status_changed_after: DateTimeOrDuration | None = None
    status_changed_before: DateTimeOrDuration | None = None
    invitation_state_in: Sequence[InvitationState] | None = None
    invitation_mail_state_in: Sequence[LinkMailState] | None = None
    group_id_in: Sequence[UUID] | None = None
    sub_account_id_in: Sequence[UUID] | None = None
    app_role_id_in: Sequence[UUID] | None = None


class UserQuery(NamedTuple):
    """A selection of users by portal, category, filters and search, for lists and bulk actions."""

    portal_id: UUID | None = None
    category: Category | None = None
    filter: UserConditions = UserConditions()
    search: str | None = None

    def admits(self, status: Status) -> bool:
        """Return whether the category and `filter.status_in` allow users with `status` in the selection."""
        wanted = self.filter.status_in
        return self.category in (None, CATEGORY[status]) and (wanted is None or status in wanted)


def conditions(which: UserQuery, at: datetime) -> list[Sql]:
    """Return the SQL conditions that all users (alias u) selected by `which` meet at `at`, and no other users.

    The conditions do not check the actor's rights.
    """
    states = which.filter.invitation_state_in
    invited = [] if states is None else [invitations.newest_is(states, at)]
    mail_states = which.filter.invitation_mail_state_in
    if mail_states is not None:
        invited.append(invitations.newest_mail_is(mail_states))
    f = which.filter
    return [*within(which), *_searched(which.search), *_filtered(f), *_by_time(f, at), *invited, *_by_access(which)]


def within(which: UserQuery) -> list[Sql]:
    """Return only the SQL conditions on a user (alias u) for the portal and the category of the selection."""
    found: list[Sql] = []
    if which.portal_id is not None:
        found.append(sql("u.portal_id = ?", which.portal_id))
    if which.category is not None:
        found.append(sql("u.category = ?", which.category))
    return found


def _searched(text: str | None) -> list[Sql]:
    if text is None:
        return []
    wanted = search.parse_user_search(text)
    if wanted.logins:
        keys = ("u.email_key", "u.username_key", "u.pending_email_key")
        return [join(" OR ", (is_any_of(key, wanted.logins) for key in keys))]
    found = [contains("u.search_text", word) for word in wanted.words]
    return [sql("u.id = ? OR ", wanted.id) + all_of(found)] if wanted.id else found


def _filtered(f: UserConditions) -> list[Sql]:
    found = [
        is_any_of(column, values)
        for column, values in (
            ("u.portal_id", f.portal_id_in),
            ("u.status", f.status_in),
            ("u.status_reason", f.status_reason_in),
            ("u.role", f.role_in),
            ("u.kind", f.kind_in),
            ("u.id", f.id_in),
            (behind_last("u.email_key", "@"), f.email_domain_in),
        )
        if values is not None
    ]
    found += [
        sql(f"{column} = ?", value)
        for column, value in (("u.holds_seat", f.holds_seat), ("u.mfa_enrolled", f.mfa_enrolled))
        if value is not None
    ]
    found += [
        Sql(f"{column} IS {'NOT NULL' if wanted else 'NULL'}")
        for column, wanted in (
            ("u.email_verified_at", f.email_verified),
            ("u.pending_email", f.has_pending_email),
            ("u.last_sign_in_at", None if f.never_signed_in is None else not f.never_signed_in),
        )
        if wanted is not None
    ]
    return found


def _by_time(f: UserConditions, at: datetime) -> list[Sql]:
    found = [
        sql(f"{column} {sign} ?", given.at(at))
        for column, sign, given in (
            ("u.last_sign_in_at", ">=", f.last_sign_in_after),
            ("u.last_sign_in_at", "<", f.last_sign_in_before),
            ("u.added_at", ">=", f.added_after),
            ("u.added_at", "<", f.added_before),
            ("u.modified_at", ">=", f.modified_after),
            ("u.modified_at", "<", f.modified_before),
            ("u.status_changed_at", ">=", f.status_changed_after),
            ("u.status_changed_at", "<", f.status_changed_before),
        )
        if given is not None
    ]
    since = f.not_signed_in_since
    if since is not None:
        found.append(sql("u.last_sign_in_at IS NULL OR u.last_sign_in_at < ?", since.at(at)))
    return found


def _by_access(which: UserQuery) -> list[Sql]:
    f, found = which.filter, []
    if f.group_id_in is not None:
        found.append(holders.is_in_any_group(f.group_id_in, which.portal_id))
    if f.sub_account_id_in is not None:
        found.append(holders.reaches_any_sub_account(f.sub_account_id_in))
    if f.app_role_id_in is not None:
        found.append(holders.holds_any(f.app_role_id_in))
    return found


def portals_among(ids: Sequence[UUID]) -> Sql:
    """Return the SQL condition that a user (alias u) belongs to one of the portals."""
    return is_any_of("u.portal_id", ids)
