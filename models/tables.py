"""Every table, for Tortoise: `models` is the app's label."""

from models.accounts import AccountSession, Mssp, StaffMember, TechnicianAssignment
from models.audit import AuditEvent
from models.licenses import LicensePackage
from models.operations import BulkOperation, BulkOutcome
from models.portals import Portal
from models.users import PortalUser

__all__ = [
    "AccountSession",
    "AuditEvent",
    "BulkOperation",
    "BulkOutcome",
    "LicensePackage",
    "Mssp",
    "Portal",
    "PortalUser",
    "StaffMember",
    "TechnicianAssignment",
]
