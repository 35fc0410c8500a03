"""The columns of an imported CSV file: the recognized headers, and the field that each column is read for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class ImportField(StrEnum):
    """A field of a user that an import reads. The values name fields of the schema's InviteeInput and UserAccess."""

    EMAIL = "email"
    FIRST_NAME = "firstName"
    LAST_NAME = "lastName"
    USERNAME = "username"
    ROLE = "role"
    KIND = "kind"
    PORTAL_ACCESS = "portalAccess"
    ALL_SUB_ACCOUNTS = "allSubAccounts"
    MODULES = "modules"
    SUB_ACCOUNTS = "subAccounts"
    WORKSPACES = "workspaces"
    GROUPS = "groups"
    APP_ROLES = "appRoles"


IDENTIFYING = (ImportField.EMAIL, ImportField.USERNAME, ImportField.FIRST_NAME, ImportField.LAST_NAME)
"""The fields that identify a user. A file must have a column for at least one of them."""


class KnownExport(NamedTuple):
    """The headers of the files that a product exports.

    - `fields`: headers of columns that are read.
    - `substitutes`: headers of columns that are read only if the row has no other value for the field.
    - `ignored`: headers of columns that are not read, separated by commas.
    """

    product: str
    fields: Mapping[str, ImportField]
    substitutes: Mapping[str, ImportField] = {}
    ignored: str = ""


KNOWN_EXPORTS = (
    KnownExport(
        "Gatehouse",
        {field.value: field for field in ImportField},
        {"name": ImportField.FIRST_NAME},
        """
        id, portalSlug, portalName, emailVerifiedAt, pendingEmail, status, statusReason, statusChangedAt, category,
        holdsSeat, mfaEnrolled, lastSignInAt, addedAt, modifiedAt, version
        """,
    ),
    KnownExport(
        "Microsoft 365",
        {"First name": ImportField.FIRST_NAME, "Last name": ImportField.LAST_NAME, "User name": ImportField.USERNAME},
        {"User principal name": ImportField.EMAIL, "Display name": ImportField.FIRST_NAME},
        """
        Address, Alternate email address, Block credential, City, Country or region, Country/Region, Department,
        DirSyncEnabled, Fax, Job title, Last dirsync time, Last password change time stamp, License assignment
        details, Licenses, Mobile Phone, Oath token metadata, Object Id, Office, Office number, Office phone,
        Password, Password never expires, Phone number, Postal code, Preferred data location, Preferred language,
        Proxy addresses, Release track, Soft deletion time stamp, State, State or province, Street address, Strong
        password required, Title, Usage location, When created, ZIP or postal code
        """,
    ),
    KnownExport(
        "Microsoft Entra ID",
        {
            "mail": ImportField.EMAIL,
            "givenName": ImportField.FIRST_NAME,
            "surname": ImportField.LAST_NAME,
        },
        {"userPrincipalName": ImportField.EMAIL, "displayName": ImportField.FIRST_NAME, "name": ImportField.FIRST_NAME},
        """
        accountEnabled, ageGroup, alternateEmailAddress, authenticationAlternativePhoneNumber, authenticationEmail,
        authenticationPhoneNumber, Block sign in (Yes/No), city, companyName, consentProvidedForMinor, country,
        createdDateTime, creationType, department, directorySynced, employeeId, identityIssuer, Initial password,
        invitationState, jobTitle, legalAgeGroupClassification, mobile, mobilePhone, objectId, officeLocation,
        physicalDeliveryOfficeName, postalCode, state, streetAddress, telephoneNumber, usageLocation, userType
        """,
    ),
    KnownExport(
        "Google Workspace",
        {
            "Email Address [Required]": ImportField.EMAIL,
            "First Name [Required]": ImportField.FIRST_NAME,
            "Last Name [Required]": ImportField.LAST_NAME,
            "primaryEmail": ImportField.EMAIL,
            "name.givenName": ImportField.FIRST_NAME,
            "name.familyName": ImportField.LAST_NAME,
        },
        {},
        """
        2sv Enforced [READ ONLY], 2sv Enrolled [READ ONLY], Advanced Protection Program enrollment, Building ID,
        Change Password at Next Sign-In, Cost Center, Department, Drive Usage [READ ONLY], Email Usage [READ ONLY],
        Employee ID, Employee Title, Employee Type, Floor Name, Floor Section, Gemini Limit Status [READ ONLY], Home
        Address, Home Phone, Home Secondary Email, Last Sign In [READ ONLY], Licenses [READ ONLY], Manager Email,
        Mobile Phone, New Licenses [UPLOAD ONLY], New Primary Email [UPLOAD ONLY], New Status [UPLOAD ONLY], Org
        Unit Path [Required], Password [Required], Password Hash Function [UPLOAD ONLY], Photos Usage [READ ONLY],
        Recovery Email, Recovery Phone [MUST BE IN THE E.164 FORMAT], Status [READ ONLY], Storage limit [READ ONLY],
        Storage Used [READ ONLY], Total Storage [READ ONLY], Work Address, Work Phone, Work Secondary Email
        """,
    ),
    KnownExport(
        "Okta",
        {
            "login": ImportField.USERNAME,
            "email": ImportField.EMAIL,
            "firstName": ImportField.FIRST_NAME,
            "lastName": ImportField.LAST_NAME,
        },
        {"displayName": ImportField.FIRST_NAME},
        """
        activated, city, costCenter, countryCode, created, department, division, employeeNumber, honorificPrefix,
        honorificSuffix, id, lastLogin, lastUpdated, locale, manager, managerId, middleName, mobilePhone, nickName,
        organization, passwordChanged, postalAddress, preferredLanguage, primaryPhone, profileUrl, secondEmail,
        state, status, statusChanged, streetAddress, timezone, title, userType, zipCode
        """,
    ),
    KnownExport(
        "a table that was written by hand",
        {
            "E-mail": ImportField.EMAIL,
            "E-mail address": ImportField.EMAIL,
            "Given name": ImportField.FIRST_NAME,
            "Family name": ImportField.LAST_NAME,
            "Surname": ImportField.LAST_NAME,
        },
        {"Full name": ImportField.FIRST_NAME},
    ),
)
"""The products whose exported files are recognized. A file can mix the headers of several products."""


def header_key(header: str) -> str:
    """Return the key by which headers are compared.

    The key ignores case, blanks, punctuation and marks such as [Required].
    """
    plain, _, _ = header.partition("[")
    return "".join(character for character in plain.casefold() if character.isalnum())


def _keys(headers: Mapping[str, ImportField]) -> Mapping[str, ImportField]:
    return {header_key(header): field for header, field in headers.items()}


FIELDS = {key: field for each in KNOWN_EXPORTS for key, field in _keys(each.fields).items()}
"""The field that a column is read for, by the key of its header."""

SUBSTITUTES = {key: field for each in KNOWN_EXPORTS for key, field in _keys(each.substitutes).items()}
"""The field of each substitute column, by the key of its header: see `KnownExport.substitutes`."""

IGNORED = {header_key(header) for each in KNOWN_EXPORTS for header in each.ignored.split(",") if header.strip()}
"""The keys of the headers of columns that are recognized but not read."""

KNOWN = FIELDS.keys() | SUBSTITUTES.keys() | IGNORED
"""The keys of all headers that are recognized."""
