"""Every table, for Tortoise: `models` is the app's label."""

from models.accounts import Mssp, StaffMember, TechnicianAssignment
from models.attempts import KnownSource, SignInAttempts
from models.audit import AuditEvent
from models.housekeeping_tasks import HousekeepingTask
from models.idempotency import IdempotencyKey
from models.leases import Lease
from models.licenses import LicensePackage
from models.links import LinkToken
from models.operations import BulkOperation, BulkOutcome, OperationPortal
from models.outbox import OutboxMail
from models.portals import Portal
from models.rate_limits import LimitedTries
from models.recipient_mails import RecipientMail
from models.reset_requests import ResetRequest
from models.second_factors import RecoveryCode, SecondFactor
from models.sessions import AccountSession
from models.users import PortalUser

__all__ = [
    "AccountSession",
    "AuditEvent",
    "BulkOperation",
    "BulkOutcome",
    "HousekeepingTask",
    "IdempotencyKey",
    "KnownSource",
    "Lease",
    "LicensePackage",
    "LimitedTries",
    "LinkToken",
    "Mssp",
    "OperationPortal",
    "OutboxMail",
    "Portal",
    "PortalUser",
    "RecipientMail",
    "RecoveryCode",
    "ResetRequest",
    "SecondFactor",
    "SignInAttempts",
    "StaffMember",
    "TechnicianAssignment",
]
