"""Functions that the tests of the mail worker share."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from models.tables import OutboxMail

AN_HOUR = timedelta(hours=1)


async def states() -> Counter[str]:
    """Return the number of mails in each state."""
    return Counter(str(row.state) for row in await OutboxMail.all())
