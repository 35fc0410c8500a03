"""The messages about the administration of an MSSP: its portals, license packages, catalogues and staff."""

from __future__ import annotations

from rules.refusals import Code, Message


class LicensePackageMessage(Message):
    """Why a license package cannot be entered or changed."""

    SEATS_OUT_OF_RANGE = Code.INVALID_INPUT, "A license package has {minimum} to {maximum} seats."
    ENDS_BEFORE_START = (
        Code.INVALID_INPUT,
        "The package ends before it starts. Give a later endsAt, or an earlier startsAt.",
    )
    TOO_MANY_PACKAGES = (
        Code.INVALID_INPUT,
        "A portal has at most {maximum} license packages. Change one that has ended instead.",
    )
    FEWER_THAN_USED = (
        Code.SEATS_IN_USE,
        "{seatsUsed} seats are in use, and the active packages would have {seatsTotal} seats: {over} too few. Deactivate"
        " users first, or set an end for the package.",
    )
    NO_SUCH_PACKAGE = Code.NOT_FOUND, "There is no such license package. Refresh the list."


class StaffMessage(Message):
    """Why the change of a member of staff is refused."""

    NO_SUCH_MEMBER = Code.NOT_FOUND, "There is no such member of staff. Refresh the list."
    TOO_MANY_ASSIGNED = Code.INVALID_INPUT, "portalIds takes at most {maximum} ids."
    STAFF_EMAIL_IN_USE = Code.EMAIL_TAKEN, "A member of staff has {email} already. Take another address."
    HAS_NOT_ACCEPTED = Code.NOT_ALLOWED, "The member has not accepted the invitation. Send the invitation again."
    OWN_ACCOUNT = Code.NOT_ALLOWED, "This is not for one's own account. Use the mutations of the own account."
    NO_SECOND_FACTOR = Code.NOT_ALLOWED, "The member has no second factor. Nothing to do."
    OWN_FACTOR_FIRST = Code.NOT_ALLOWED, "Set up your own second factor first: enrollMfa."
    NO_SESSION_OF_MEMBER = Code.NOT_FOUND, "The member has no such session any more. Refresh the list."
    HAS_ACCEPTED = Code.NOT_ALLOWED, "The member has accepted the invitation. There is no link to send."
    IS_INACTIVE = Code.NOT_ALLOWED, "The member is inactive. Activate the member first."
    TOO_MANY_STAFF_MAILS = (
        Code.RATE_LIMITED,
        "{email} was sent too many mails of this kind. Try again at {retryAt}.",
    )
    LAST_MSSP_ADMIN = (
        Code.LAST_ADMIN,
        "This is the last active MSSP admin who can sign in. Give another member the role first.",
    )
    NOT_A_TECHNICIAN = Code.INVALID_INPUT, "An MSSP admin has every portal. Only technicians are assigned to portals."


class PortalMessage(Message):
    """Why a portal cannot be created, changed or deleted."""

    SLUG_FORM = Code.INVALID_INPUT, "A slug is made of a-z, 0-9 and -, at most 63 long."
    SLUG_TAKEN = Code.INVALID_INPUT, "There is a portal {slug} already. Take another slug."
    NO_WEB_ADDRESS = (
        Code.INVALID_INPUT,
        "{field} must be the full address of a web page, such as https://example.com/start.",
    )
    TOO_MANY_PORTALS = Code.INVALID_INPUT, "An MSSP has at most {maximum} portals. Delete one that is not used."
    USERS_TO_ERASE = (
        Code.TOO_MANY_USERS,
        "The portal has {users} users; at most {maximum} are erased with a portal. Delete users first.",
    )
    CONFIRM_SLUG = (
        Code.CONFIRMATION_REQUIRED,
        "The deletion erases {users} users and cannot be undone. Repeat the portal's slug in confirmSlug.",
    )


class AdminshipMessage(Message):
    """Why the role of an admin cannot be handed over."""

    ADMIN_ALREADY = Code.INVALID_INPUT, "The user is an admin already. Choose another user."
    NOT_ENABLED = Code.INVALID_INPUT, "Only an enabled user becomes an admin by a handover. Activate the user first."
    ACCESS_CLOSED = Code.INVALID_INPUT, "The user's access to the portal is closed. Open it first: changeAccess."
    OTHER_PORTAL = Code.INVALID_INPUT, "The former and the new admin must be users of the same portal."
    NO_ADMIN_NOW = Code.INVALID_INPUT, "The user is no admin now. Read the portal's admins again."
    NO_ADMIN = Code.INVALID_INPUT, "The portal has no admin who could hand over the role. Use changeRoles."
    SEVERAL_ADMINS = Code.INVALID_INPUT, "The portal has several admins. Say which one hands over the role: fromUserId."
    NO_SUCCESSOR = (
        Code.INVALID_INPUT,
        "The portal has no enabled user who could become admin. Invite or activate a user first.",
    )
    NO_PLACE_LEFT = (
        Code.ADMIN_LIMIT_REACHED,
        "The portal has as many admins as its policy allows (maxAdmins: {maximum}). Choose one of them as fromUserId.",
    )


class GrantableMessage(Message):
    """Why an entry of a catalogue cannot be stored or deleted."""

    NO_SUCH_GRANTABLE = Code.NOT_FOUND, "There is no such entry in the portal's catalogue. Refresh the list."
    NAME_IN_USE = Code.INVALID_INPUT, "The portal's catalogue has an entry {value} of this kind already."
    TOO_MANY_GRANTABLES = (
        Code.INVALID_INPUT,
        "A portal has at most {maximum} entries of this kind. Delete one that is not used.",
    )
    APP_OF_APP_ROLES = Code.INVALID_INPUT, "Only an app role belongs to an app. Leave app out."
    ADMIN_ONLY_MODULES = Code.INVALID_INPUT, "Only a module can be for admins only. Leave adminOnly out."
    HELD_BY_OTHERS = (
        Code.INVALID_INPUT,
        "{holders} users without the role PORTAL_ADMIN hold the module. Take it away from them first.",
    )
    SYSTEM_GROUP_STAYS = Code.NOT_ALLOWED, "The group of external users is kept by the system. It cannot be changed."
