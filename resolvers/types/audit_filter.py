"""The filter of the audit log."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import cast
from uuid import UUID

import strawberry

from models.audit import AuditConditions
from resolvers.core.global_ids import NO_ROW_ID, id_of
from resolvers.enums.audit_events import AuditEventType
from rules import user_fields
from rules.bulk_limits import LONGEST_TICKET
from rules.durations import DateTimeOrDuration
from rules.refusals import Code, Refusal

MAX_REASON_SEARCH = 200


@strawberry.input(description="Conditions on audit events. An event must meet all of them. Null is no condition.")
class AuditFilter:
    event_in: list[AuditEventType] | None = strawberry.field(  # type: ignore[valid-type]  # made of two enums
        default=None, description="An empty list matches no event. The type is one of these."
    )
    actor_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The account that caused the event: a user or a member of staff, deleted ones too. Events that the"
        " system caused do not match. An id that names no account matches no event. Empty: no condition.",
    )
    after: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The event happened at this instant or later: `P7D` is the last 7 days."
    )
    before: DateTimeOrDuration | None = strawberry.field(
        default=None, description="The event happened before this instant."
    )
    ticket: str | None = strawberry.field(
        default=None,
        description="The whole `ticket`, in the same capitals. White space at its ends is ignored. At most"
        f" {LONGEST_TICKET} characters; longer ones are refused with BAD_USER_INPUT. Empty: no condition.",
    )
    search: str | None = strawberry.field(
        default=None,
        description="A part of `reason`. A to Z match a to z; other letters match"
        f" exactly. At most {MAX_REASON_SEARCH} characters; longer ones are refused with BAD_USER_INPUT. Empty: no"
        " condition.",
    )

    def conditions(self, now: datetime) -> AuditConditions:
        """Convert the filter to conditions. Durations are subtracted from `now`, the time of the request.

        Raise Refusal(BAD_USER_INPUT) if the search is longer than MAX_REASON_SEARCH, or the ticket longer than
        LONGEST_TICKET.
        """
        search, ticket = (self.search or "").strip(), user_fields.normalize_text(self.ticket)
        if len(ticket) > LONGEST_TICKET:
            raise Refusal(Code.BAD_USER_INPUT, f"filter.ticket takes at most {LONGEST_TICKET} characters.")
        if len(search) > MAX_REASON_SEARCH:
            raise Refusal(Code.BAD_USER_INPUT, f"filter.search takes at most {MAX_REASON_SEARCH} characters.")
        return AuditConditions(
            event_in=None if self.event_in is None else tuple(cast(Enum, event).value for event in self.event_in),
            actor_id=_actor_id(self.actor_id) if self.actor_id else None,
            after=None if self.after is None else self.after.at(now),
            before=None if self.before is None else self.before.at(now),
            ticket=ticket or None,
            search=search or None,
        )


def _actor_id(text: str) -> UUID:
    return id_of("PortalUser", text) or id_of("StaffMember", text) or NO_ROW_ID
