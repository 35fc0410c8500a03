"""The order in which queued mails are sent: by urgency, and for equal urgency one mail of each portal after another.

Every queued mail has a number, its place. The mail with the lowest place is sent first. A new mail gets the place after
the last mail of its portal, but never a place before the first mail of the queue. Two portals with many mails therefore
alternate, and a portal without queued mails starts at the first place, regardless of the mails of other portals.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from rules.mail.mail_spec import Urgency

Sender = TypeVar("Sender", bound=Hashable)

PLACES = 2**40
"""The number of places of each urgency."""


def span(urgency: Urgency) -> tuple[int, int]:
    """Return the first place of `urgency`, and the first place after it."""
    return urgency * PLACES, (urgency + 1) * PLACES


def places(
    senders: Sequence[Sender], urgency: Urgency, front: int | None, last: Mapping[Sender, int | None]
) -> list[int]:
    """Return the place of each new mail, in the order of `senders`.

    `senders`: the sender of each new mail. `front`: the lowest place of `urgency` that is in use; None if there is none.
    `last`: the highest place that is in use, by sender; None or absent if there is none.
    """
    start = span(urgency)[0] if front is None else front
    following = {sender: start if (place := last.get(sender)) is None else place + 1 for sender in set(senders)}
    found = []
    for sender in senders:
        found.append(following[sender])
        following[sender] += 1
    return found
