"""Checkpoints of the audit log: the text that is signed, and the line that is kept outside the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from rules.audit.chain import ChainPlace

SIGNED_EVERY = timedelta(days=1)
"""How often the server signs a chain that has new events."""

MOST_EVENTS = 100_000
"""The maximum number of events between two checkpoints. The server checks them before it signs the second checkpoint.
"""

_LINE = re.compile(
    r"audit-checkpoint 1 chain=([0-9a-f-]{36}) sequence=([0-9]{1,18}) hash=([0-9a-f]{64}) at=([0-9T:.-]{26})Z"
    r" key=([A-Za-z0-9_-]{43}) signature=([A-Za-z0-9_-]{86})",
    re.ASCII,
)


class Checkpoint(NamedTuple):
    """A signed statement that an audit chain had an event with this number and hash (`place`) at the time `at`.

    The public key `key` verifies `signature`.
    """

    chain_id: UUID
    place: ChainPlace
    at: datetime
    key: str
    signature: str

    @property
    def text(self) -> str:
        """The text that is signed."""
        return signed_text(self.chain_id, self.place, self.at)

    @property
    def line(self) -> str:
        """The checkpoint as one line of text. `checkpoints_in` reads such lines."""
        return f"{self.text} key={self.key} signature={self.signature}"


def signed_text(chain_id: UUID, place: ChainPlace, at: datetime) -> str:
    """Return the text that a checkpoint signs."""
    instant = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"audit-checkpoint 1 chain={chain_id} sequence={place.sequence} hash={place.hash} at={instant}Z"


def checkpoints_in(text: str) -> Iterator[Checkpoint]:
    """Yield the checkpoints in a text, such as a log. Ignore all other parts of the text."""
    for chain, sequence, hash, at, key, signature in _LINE.findall(text):
        try:
            signed_at = datetime.fromisoformat(at).replace(tzinfo=UTC)
            chain_id = UUID(chain)
        except ValueError:
            continue
        yield Checkpoint(chain_id, ChainPlace(int(sequence), hash), signed_at, key, signature)
