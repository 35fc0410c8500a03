"""Every table, for Tortoise: `models` is the app's label."""

from models.accounts import AccountSession, Mssp, StaffMember, TechnicianAssignment
from models.audit import AuditEvent
from models.idempotency import IdempotencyKey
from models.licenses import LicensePackage
from models.links import LinkToken
from models.operations import BulkOperation, BulkOutcome
from models.outbox import OutboxMail
from models.portals import Portal
from models.users import PortalUser

__all__ = [
    "AccountSession",
    "AuditEvent",
    "BulkOperation",
    "BulkOutcome",
    "IdempotencyKey",
    "LicensePackage",
    "LinkToken",
    "Mssp",
    "OutboxMail",
    "Portal",
    "PortalUser",
    "StaffMember",
    "TechnicianAssignment",
]
