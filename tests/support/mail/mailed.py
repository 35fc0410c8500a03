"""Read queued mails, and the links in them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from models.links import lookup as link_lookup
from models.links.table import LinkRow
from models.tables import LinkToken, OutboxMail
from rules.mail.kinds import PURPOSES
from services.links import token_hash
from tests.support.world import Person, World


class Queued(NamedTuple):
    kind: str
    recipient: str
    state: str


async def mail_to(*people: Person) -> list[Queued]:
    """Return the queued mails to these people, oldest first."""
    rows = await OutboxMail.filter(user_id__in=[person.id for person in people]).order_by("id")
    return [Queued(str(row.kind), row.recipient, str(row.state)) for row in rows]


async def letters_to(*people: Person) -> list[Queued]:
    """Return the queued mails to these people that carry a link or a code, oldest first."""
    return [mail for mail in await mail_to(*people) if mail.kind in PURPOSES]


async def nothing_is_queued() -> bool:
    """Return whether no mail is queued and no link is stored that a mail could carry."""
    return not await OutboxMail.exists() and not await LinkToken.exists()


async def tokens(world: World, person: Person) -> list[str]:
    """Return the tokens of the person's links, oldest first.

    The mail worker derives tokens in the same way.
    """
    rows = await LinkToken.filter(user_id=person.id).order_by("id")
    return [world.parts.runtime.links.token(row.purpose, row.id, row.nonce) for row in rows]


async def link(token: str) -> LinkRow:
    """Return the stored link that has the token."""
    found = await link_lookup.by_hash(token_hash(token))
    assert found, "no link has this token"
    return found


async def living(world: World, person: Person, at: datetime | None = None) -> list[bool]:
    """Return whether each of the person's links is active now, or at the given instant. The oldest link comes first."""
    instant = at or world.clock.now()
    return [(await link(token)).lives_at(instant) for token in await tokens(world, person)]
