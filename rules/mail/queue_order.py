"""The order in which queued mail is sent: the more urgent first, and within an urgency the portals in turns.

Every ready mail has a place, a number; the lowest is sent first. A portal's next mail is placed behind the portal's last
one, and never before the front of the queue. So two portals that have much to send alternate, and a portal that has sent
nothing yet starts at the front, however much others have queued.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from rules.mail.mail_spec import Urgency

Sender = TypeVar("Sender", bound=Hashable)

PLACES = 2**40
"""How many places each urgency has."""


def span(urgency: Urgency) -> tuple[int, int]:
    """Return the first place of that urgency, and the first of the next one."""
    return urgency * PLACES, (urgency + 1) * PLACES


def places(
    senders: Sequence[Sender], urgency: Urgency, front: int | None, last: Mapping[Sender, int | None]
) -> list[int]:
    """Return a place for each mail of `senders`, in order.

    `front` is the lowest place that is taken in that urgency, None if the queue is empty; `last` has the highest place of each sender.
    """
    start = span(urgency)[0] if front is None else front
    following = {sender: start if (place := last.get(sender)) is None else place + 1 for sender in set(senders)}
    found = []
    for sender in senders:
        found.append(following[sender])
        following[sender] += 1
    return found
