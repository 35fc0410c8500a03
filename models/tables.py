"""All Tortoise models, for registration with Tortoise under the app label `models`."""

from models.audit import AuditEvent
from models.audit_chain.checkpoints import AuditCheckpoint
from models.audit_chain.heads import AuditChain
from models.auth.attempts import KnownSource, SignInAttempts
from models.auth.failed_sign_ins import FailedSignIns
from models.auth.rate_limits import LimitedTries
from models.auth.reset_requests import ResetRequest
from models.auth.second_factors import RecoveryCode, SecondFactor
from models.auth.sessions import AccountSession
from models.deleted_names import DeletedName
from models.grants.table import Grantable, UserGrant
from models.housekeeping.leases import Lease
from models.housekeeping.tasks import HousekeepingTask
from models.idempotency import IdempotencyKey
from models.licenses import LicensePackage
from models.links.table import LinkToken
from models.mail.recent_mails import RecipientMail
from models.mail.table import OutboxMail
from models.operations import BulkOperation, BulkOutcome, OperationPortal
from models.portals.table import Portal
from models.portals.tags import PortalTag
from models.providers import Mssp
from models.staff import AssignedTag, StaffMember, TechnicianAssignment
from models.users.table import PortalUser

__all__ = [
    "AccountSession",
    "AssignedTag",
    "AuditChain",
    "AuditCheckpoint",
    "AuditEvent",
    "BulkOperation",
    "BulkOutcome",
    "DeletedName",
    "FailedSignIns",
    "Grantable",
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
    "PortalTag",
    "PortalUser",
    "RecipientMail",
    "RecoveryCode",
    "ResetRequest",
    "SecondFactor",
    "SignInAttempts",
    "StaffMember",
    "TechnicianAssignment",
    "UserGrant",
]
