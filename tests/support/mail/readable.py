"""Read a mail as its recipient sees it: the text body, the HTML body, and the link."""

from __future__ import annotations

import re
from email.message import EmailMessage


class Readable:
    """A base class that reads the mail in `message`. The subclass provides `message`."""

    message: EmailMessage

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def link(self) -> str:
        """Return the only link in the plain text of the mail."""
        (link,) = re.findall(r"^https?://\S+#token=\S+$", self.text, re.MULTILINE)
        return str(link)

    @property
    def token(self) -> str:
        return self.link.partition("#token=")[2]

    def _body(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body
        return str(body.get_content()).replace("\r\n", "\n")
