"""The order in which queued mails are sent: first by urgency, then in turns among the portals.

Every queued mail has a number, its place, and the lowest place is sent first. A new mail gets the place after the last
queued mail of its portal. If the portal has no queued mail, the new mail gets the lowest place in use. Two portals can
use the same places, so that their mails alternate.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from rules.mail.mail_spec import Urgency

Sender = TypeVar("Sender", bound=Hashable)

PLACES = 2**40
"""The number of places of each urgency."""


def span(urgency: Urgency) -> tuple[int, int]:
    """Return the range of places of `urgency`: the first place, and the place after the last."""
    return urgency * PLACES, (urgency + 1) * PLACES


def places(
    senders: Sequence[Sender], urgency: Urgency, front: int | None, last: Mapping[Sender, int | None]
) -> list[int]:
    """Return the place of each new mail. `senders` are the portals of the mails, in order.

    - `front`: the lowest place of `urgency` in use, or None.
    - `last`: the highest place of `urgency` that each sender's mails use. None or absent if there are none.
    """
    start = span(urgency)[0] if front is None else front
    following = {sender: start if (place := last.get(sender)) is None else place + 1 for sender in set(senders)}
    found = []
    for sender in senders:
        found.append(following[sender])
        following[sender] += 1
    return found
