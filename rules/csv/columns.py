"""The columns of an imported CSV file: which headers are recognized, and which field of a user each one means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from rules.text.folding import sort_key


class ImportField(StrEnum):
    """A field of a user that an import reads. The value is a field of the schema's InviteeInput or UserAccess."""

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
    """The headers of the CSV files of one product, such as Okta, or of a table in one language.

    - `fields`: the headers of the columns that are read, each with its field.
    - `substitutes`: further headers, each with its field. Their columns are read only if the row has no other value for
      the field. For example, `displayName` is read if the row has no `firstName`.
    - `ignored`: the headers of the columns that are not read, separated by commas.
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
            "inviteeEmail": ImportField.EMAIL,
        },
        {"userPrincipalName": ImportField.EMAIL, "displayName": ImportField.FIRST_NAME, "name": ImportField.FIRST_NAME},
        """
        accountEnabled, ageGroup, alternateEmailAddress, authenticationAlternativePhoneNumber, authenticationEmail,
        authenticationPhoneNumber, Block sign in (Yes/No), city, companyName, consentProvidedForMinor, country,
        createdDateTime, creationType, customizedMessageBody, department, directorySynced, employeeId, identityIssuer,
        Initial password, invitationState, inviteRedirectURL, jobTitle, legalAgeGroupClassification, mobile,
        mobilePhone, objectId, officeLocation, passwordProfile, physicalDeliveryOfficeName, postalCode, sendEmail,
        state, streetAddress, telephoneNumber, usageLocation, userType
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
    # Microsoft translates the headers of Microsoft 365, and publishes no list of the translations: other columns of
    # these files are not known.
    KnownExport(
        "a table in German",
        {
            "E-Mail-Adresse": ImportField.EMAIL,
            "Vorname": ImportField.FIRST_NAME,
            "Nachname": ImportField.LAST_NAME,
            "Familienname": ImportField.LAST_NAME,
            "Benutzername": ImportField.USERNAME,
        },
        {"Benutzerprinzipalname": ImportField.EMAIL, "Anzeigename": ImportField.FIRST_NAME},
    ),
    KnownExport(
        "a table in French",
        {
            "Adresse e-mail": ImportField.EMAIL,
            "Adresse de messagerie": ImportField.EMAIL,
            "Courriel": ImportField.EMAIL,
            "Prénom": ImportField.FIRST_NAME,
            "Nom": ImportField.LAST_NAME,
            "Nom de famille": ImportField.LAST_NAME,
            "Nom d'utilisateur": ImportField.USERNAME,
        },
        {
            "Nom d'utilisateur principal": ImportField.EMAIL,
            "Nom principal de l'utilisateur": ImportField.EMAIL,
            "Nom complet": ImportField.FIRST_NAME,
            "Nom d'affichage": ImportField.FIRST_NAME,
        },
    ),
    KnownExport(
        "a table in Spanish",
        {
            "Correo electrónico": ImportField.EMAIL,
            "Dirección de correo electrónico": ImportField.EMAIL,
            "Nombre": ImportField.FIRST_NAME,
            "Apellido": ImportField.LAST_NAME,
            "Apellidos": ImportField.LAST_NAME,
            "Nombre de usuario": ImportField.USERNAME,
        },
        {
            "Nombre principal de usuario": ImportField.EMAIL,
            "Nombre completo": ImportField.FIRST_NAME,
            "Nombre para mostrar": ImportField.FIRST_NAME,
        },
    ),
)
"""The products and languages whose column names are recognized in imported files.

One file can contain column names of several products or languages.
"""


_MARKED = re.compile(r"\[([^\]]*)\]")


def header_key(header: str) -> str:
    """Return the key by which a header is looked up: `Given name` becomes `givenname`.

    A known header in brackets takes precedence: `Prénom [givenName]`, as in templates of Microsoft Entra ID, becomes
    `givenname`. Other texts in brackets, such as [Required], are ignored.
    """
    marked = _MARKED.search(header)
    named = _key(marked[1]) if marked else ""
    return named if named in KNOWN else _plain_key(header)


def _key(header: str) -> str:
    return "".join(character for character in sort_key(header) if character.isalnum())


def _plain_key(header: str) -> str:
    return _key(header.partition("[")[0])


def _keys(headers: Mapping[str, ImportField]) -> Mapping[str, ImportField]:
    return {_plain_key(header): field for header, field in headers.items()}


FIELDS = {key: field for each in KNOWN_EXPORTS for key, field in _keys(each.fields).items()}
"""Maps each recognized header, in normalized form, to the field that its column gives.

For example, `givenname` to ImportField.FIRST_NAME.
"""

SUBSTITUTES = {key: field for each in KNOWN_EXPORTS for key, field in _keys(each.substitutes).items()}
"""Maps the header of each substitute column (`KnownExport.substitutes`), in normalized form, to the column's field."""

IGNORED = {_plain_key(header) for each in KNOWN_EXPORTS for header in each.ignored.split(",") if header.strip()}
"""The headers of the columns that are recognized but not read, in normalized form, such as `costcenter`."""

KNOWN = FIELDS.keys() | SUBSTITUTES.keys() | IGNORED
"""All recognized headers, each in the normalized form in which headers are compared, such as `givenname`."""
