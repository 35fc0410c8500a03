"""The order in which queued mails are sent: first by urgency, then in turns among the portals.

Every queued mail has a number, its place. The mail with the lowest place is sent first. A new mail gets the place after
the last mail of its portal, but never a place before the first mail of the queue. Two portals with many mails therefore
alternate. A portal without queued mails starts at the first place of the queue.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from rules.mail.mail_spec import Urgency

Sender = TypeVar("Sender", bound=Hashable)

PLACES = 2**40
"""The number of places of each urgency."""


def span(urgency: Urgency) -> tuple[int, int]:
    """Return the range of places of `urgency`: the first place in the range, and the first place after the range."""
    return urgency * PLACES, (urgency + 1) * PLACES


def places(
    senders: Sequence[Sender], urgency: Urgency, front: int | None, last: Mapping[Sender, int | None]
) -> list[int]:
    """Return the place of each new mail, in the order of `senders`.

    - `senders`: the sender of each new mail.
    - `front`: the lowest place of `urgency` in use. None if no place is in use.
    - `last`: the highest place in use, by sender. None or absent if the sender has no place in use.
    """
    start = span(urgency)[0] if front is None else front
    following = {sender: start if (place := last.get(sender)) is None else place + 1 for sender in set(senders)}
    found = []
    for sender in senders:
        found.append(following[sender])
        following[sender] += 1
    return found
