"""Texts that the descriptions of several fields of the schema share."""

from __future__ import annotations

from rules.user_fields import LONGEST

OF_THE_LINK = "The part of the link after `#token=`."

PROOF_OF_THE_OWNER = "The viewer's password, as proof that the viewer owns the account."

TYPED_SLUG = "Case and white space around it are ignored."

SIGN_IN_SLUG = f"The `Portal.slug` of the account's portal. {TYPED_SLUG} Null or empty for MSSP staff."

START_PAGE = (
    "The URL of the page of the customer's portal, as an MSSP admin has set it for all users of the portal, admins included. For"
    " a viewer with the role PORTAL_USER, open it once signIn or acceptInvitation, or a step after them, has returned a"
    " session. For viewers who manage users, a client may stay in the administration and show the page as a link. Do not open"
    " it after refreshSession. Open it without a token. Null if it is not set."
)

SUPPORT_CONTACT = (
    "The contact for help and for more license seats, as free text: an e-mail address, a URL or a phone number. Null if it"
    " is not set."
)

READ_AGAIN = (
    "The query root, to read again in the same round trip what the change may have moved, for instance the list of users. The"
    " viewer reads with the rights that the request began with, even if the mutation has ended the viewer's own session."
)

INVITEE_NAME = f"At most {LONGEST['first_name']} characters. Null or empty: keep the stored name."

EXPIRES_AT = "Time from which the link is not valid."

EXPORT = (
    "`POST /users/export` answers with the same users as a CSV file, without pages: send these arguments as one JSON object, except those"
    " of pages, with `columns` (names of fields of PortalUser and UserAccess, `portalSlug` and `portalName`) and"
    ' `delimiter` (`","`, `";"` or a tab), each of which has a default. The file is UTF-8 with a byte order mark, and safe in spreadsheets. If the'
    " rights of the account end meanwhile, the connection is closed before the file's end."
)
"""The part of the description of the query `users` that explains the export route."""
