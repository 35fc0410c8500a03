"""The order in which queued mails are sent: first by urgency, then in turns among the portals.

Each queued mail has a number, its place. The mail with the lowest place is sent first. A new mail gets the place after
the last queued mail of its portal. If the portal has no queued mail, the new mail gets the lowest place in use. Several
mails can have the same place.

For example, portal A has mails at the places 5, 6 and 7, and portal B has none. Two new mails of B get the places 5 and
6, so that the mails of A and B alternate. Each urgency has a range of places of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from rules.mail.mail_spec import Urgency

Sender = TypeVar("Sender", bound=Hashable)

PLACES = 2**40
"""The number of places in the mail queue that are set aside for each urgency."""


def span(urgency: Urgency) -> tuple[int, int]:
    """Return the range of places of `urgency`: the first place, and the place after the last."""
    return urgency * PLACES, (urgency + 1) * PLACES


def places(
    senders: Sequence[Sender], urgency: Urgency, front: int | None, last: Mapping[Sender, int | None]
) -> list[int]:
    """Return the places in the queue for new mails of one urgency, one place for each item of `senders`.

    - `senders`: the portal of each new mail. None stands for mails to staff, which belong to no portal.
    - `front`: the lowest place of a queued mail of this urgency. None if no mail is queued.
    - `last`: maps each sender to the highest place of the sender's queued mails of this urgency. A sender without such
      mails has None, or is left out.

    The places of a sender's mails are consecutive. A sender without queued mails begins at `front`.
    """
    start = span(urgency)[0] if front is None else front
    following = {sender: start if (place := last.get(sender)) is None else place + 1 for sender in set(senders)}
    found = []
    for sender in senders:
        found.append(following[sender])
        following[sender] += 1
    return found
