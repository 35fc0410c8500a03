"""A letterbox for a test: the real worker renders the mails, and the letterbox keeps them in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from api.mail.rendering import Envelope
from api.mail.smtp import Transport
from tests.support.mail.readable import Readable
from tests.support.mail.sending import send_all
from tests.support.world import World


@dataclass(frozen=True)
class Letter(Readable):
    """One mail as it would be sent by SMTP."""

    recipient: str
    content: bytes
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def code(self) -> str:
        """Return the six-digit code, which stands on a line of its own."""
        (code,) = re.findall(r"^\d{6}$", self.text, re.MULTILINE)
        return str(code)


class Letterbox(Transport):
    """A mail transport that keeps the mails of the test's world in memory, instead of sending them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._new: list[Letter] = []

    async def send(self, envelope: Envelope) -> None:
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self._new.append(Letter(envelope.recipient, envelope.content, message))

    async def disconnect(self) -> None:
        """Do nothing, because there is no connection."""

    async def emptied(self) -> list[Letter]:
        """Send the mails that are due, and return them in the order of sending. Each mail is returned once."""
        await self._world.parts.runtime.transactions.wait_until_idle()
        await self._world.answer_resets()
        await send_all(self._world, self)
        letters, self._new = self._new, []
        return letters

    async def only(self) -> Letter:
        """Send the mails that are due. Exactly one must be due. Return this mail."""
        (letter,) = await self.emptied()
        return letter
