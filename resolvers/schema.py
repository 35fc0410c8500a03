"""The parts of the GraphQL schema: its root types, its other types and its configuration."""

from __future__ import annotations

from datetime import datetime

from strawberry.schema.config import StrawberryConfig

from resolvers.core.scalars import DATE_TIME, DATE_TIME_OR_DURATION
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.types.accounts.sessions import AccountSession
from resolvers.types.accounts.staff import Mssp, StaffMember
from resolvers.types.audit import AuditEvent
from resolvers.types.grants import catalogue as catalogue  # adds a field to Portal
from resolvers.types.grants import user_access as user_access  # adds a field to PortalUser
from resolvers.types.portals import portal_contents as portal_contents  # adds fields to Portal
from resolvers.types.users import user_contents as user_contents  # adds a field to PortalUser
from resolvers.types.users.portal_user import PortalUser
from rules.durations import DateTimeOrDuration

TYPES = (PortalUser, StaffMember, Mssp, AuditEvent, AccountSession)
"""The types that fields of the schema refer to only through an interface.

If the types were not listed here, Strawberry would not add them to the schema.
"""


def config() -> StrawberryConfig:
    """Return the schema's configuration: the scalars of scalars.py, and error messages that suggest no names of fields."""
    return StrawberryConfig(
        scalar_map={datetime: DATE_TIME, DateTimeOrDuration: DATE_TIME_OR_DURATION}, disable_field_suggestions=True
    )


__all__ = ["TYPES", "Mutation", "Query", "config"]
