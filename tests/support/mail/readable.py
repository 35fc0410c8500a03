"""A mail as its reader has it: the two bodies, and the link."""

from __future__ import annotations

import re
from email.message import EmailMessage


class Readable:
    """Reads `message`, which the class that inherits has."""

    message: EmailMessage

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def link(self) -> str:
        """The one link in the plain text."""
        (link,) = re.findall(r"^https?://\S+#token=\S+$", self.text, re.MULTILINE)
        return str(link)

    @property
    def token(self) -> str:
        return self.link.partition("#token=")[2]

    def _body(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body
        return str(body.get_content()).replace("\r\n", "\n")
