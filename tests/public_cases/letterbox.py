"""The mails of a test, written by the real worker and kept in memory."""

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
    """One mail as it would go over the wire."""

    recipient: str
    content: bytes
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def code(self) -> str:
        """The six digits on a line of their own."""
        (code,) = re.findall(r"^\d{6}$", self.text, re.MULTILINE)
        return str(code)


class Letterbox(Transport):
    """Takes every mail that the worker of this world sends."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._new: list[Letter] = []

    async def send(self, envelope: Envelope) -> None:
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self._new.append(Letter(envelope.recipient, envelope.content, message))

    async def disconnect(self) -> None:
        """Keeps no connection."""

    async def emptied(self) -> list[Letter]:
        """The mails that are due now, in the order sent; each is returned once."""
        await self._world.parts.runtime.transactions.wait_until_idle()
        await self._world.answer_resets()
        await send_all(self._world, self)
        letters, self._new = self._new, []
        return letters

    async def only(self) -> Letter:
        """The one mail that is due now."""
        (letter,) = await self.emptied()
        return letter
