"""The field `auditLog` of PortalUser.

The field is not declared in portal_user.py, because the module of its type imports `PortalUser`.
"""

from __future__ import annotations

from resolvers.core.context import Info
from resolvers.core.extend import extend
from resolvers.paging.arguments import Paging, paged_field
from resolvers.paging.connection import Connection
from resolvers.types.audit import AuditEvent, AuditFilterArgument, conditions_of, user_events
from resolvers.types.users.portal_user import PortalUser
from rules.rights.root_fields import require_second_factor


@extend(PortalUser)
class UserContents(PortalUser):
    @paged_field(
        "user_id",
        "The audit events about the user, newest first: the list of `auditLog(userId:)`, with the same cursors. Null unless the"
        " viewer manages the user.",
    )
    async def audit_log(
        self,
        info: Info,
        paging: Paging,
        filter: AuditFilterArgument = None,
    ) -> Connection[AuditEvent] | None:
        require_second_factor("PortalUser.auditLog", info.context.account)
        if not info.context.account.manages_users:
            return None
        return user_events(info, self.row.id, conditions_of(info, filter), paging)
