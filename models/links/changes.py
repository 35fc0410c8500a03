"""Store, use and supersede links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from models.db.dialect import is_any_of
from models.db.sql import sql, write
from models.links.table import LINK, LinkRow
from models.owner_conditions import belongs_to_any
from rules.accounts import AccountKey
from rules.auth.link_purposes import Purpose

DEPENDENT = {
    Purpose.INVITATION: (Purpose.INVITATION, Purpose.REGISTRATION_CODE, Purpose.REGISTRATION),
    Purpose.REGISTRATION_CODE: (Purpose.REGISTRATION_CODE, Purpose.REGISTRATION),
}
"""Maps the purpose of a link to all purposes that are superseded with the link, its own purpose included."""

STEPS_OF_SIGNING_IN = (Purpose.MFA_CHALLENGE, Purpose.PASSWORD_CHANGE)
"""The purposes of links for the steps of a sign-in that can follow the correct password, before the session begins."""


async def supersede(purpose: Purpose, accounts: Collection[AccountKey], at: datetime) -> None:
    """Mark the accounts' unused links for the purpose as superseded, so that they stop working.

    Links that depend on them are superseded too: with an invitation, the codes of its registrations.
    """
    await supersede_every(DEPENDENT.get(purpose, (purpose,)), accounts, at)


async def supersede_every(purposes: Iterable[Purpose], accounts: Collection[AccountKey], at: datetime) -> None:
    """Mark the accounts' unused links for these purposes, and no other links, as superseded.

    The codes of registrations with an invitation, for example, stay valid if the invitation is superseded.
    """
    await write(
        sql("UPDATE link_token SET superseded_at = ? WHERE used_at IS NULL AND superseded_at IS NULL AND ", at)
        + is_any_of("purpose", purposes)
        + " AND "
        + belongs_to_any(accounts)
    )


async def use(link: LinkRow, at: datetime) -> bool:
    """Mark the link as used at `at`. Return False if the link is not active at `at`.

    Of concurrent calls, only one returns True.
    """
    return bool(
        await write(
            sql(
                "UPDATE link_token SET used_at = ? WHERE id = ? AND used_at IS NULL AND superseded_at IS NULL"
                " AND expires_at > ? RETURNING id",
                at,
                link.id,
                at,
            )
        )
    )


async def count_try(*links: LinkRow) -> None:
    """Count a code that was typed for the links and refused: add 1 to `tries` of each link."""
    await write("UPDATE link_token SET tries = tries + 1 WHERE " + is_any_of("id", [link.id for link in links]))


async def count_code(link: LinkRow) -> None:
    """Count a mailed registration code: add 1 to `codes_mailed` of the invitation."""
    await write(sql("UPDATE link_token SET codes_mailed = codes_mailed + 1 WHERE id = ?", link.id))


async def store(links: Sequence[LinkRow]) -> None:
    """Store new links, at most one for each account and purpose. Each becomes the account's newest for the purpose.

    A new invitation also sets `replaced_at` of the user's earlier invitations, so that housekeeping can delete them.
    """
    for at in {link.created_at for link in links if link.purpose is Purpose.INVITATION}:
        invited = [link.user_id for link in links if link.purpose is Purpose.INVITATION and link.created_at == at]
        await write(
            sql(
                "UPDATE link_token SET replaced_at = ? WHERE replaced_at IS NULL AND purpose = ? AND ",
                at,
                Purpose.INVITATION,
            )
            + is_any_of("user_id", invited)
        )
    newest = ", ".join(
        f"(SELECT MAX(o.sequence) FROM link_token o WHERE o.{owner} = v.{owner} AND o.purpose = v.purpose)"
        for owner in ("user_id", "staff_id")
    )
    await LINK.insert(links, computed={"sequence": f"COALESCE({newest}, 0) + 1"})
