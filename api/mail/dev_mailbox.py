"""Mail in development, without a mail server: files in the data directory, and a page that shows them."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from api.core.local_callers import is_local
from api.mail.rendering import Envelope

MOST_SHOWN = 100

_BASE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; "
_PAGE_POLICY = _BASE_POLICY + "frame-ancestors 'none'; frame-src 'self'; style-src 'nonce-{nonce}'"
# The frame with a mail runs no scripts and has an opaque origin. A link in it opens another tab.
_MAIL_POLICY = (
    _BASE_POLICY
    + "frame-ancestors 'self'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_ADDRESS = re.compile(r"(https?://[^\s<>\"]+)")


class FileTransport:
    """Writes each mail to a file that only the owner can read. If a mail is sent again, its file is replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, envelope: Envelope) -> None:
        """Write the mail to a file, whose name is the name of the mail."""
        await asyncio.to_thread(self._write, envelope)

    async def disconnect(self) -> None:
        """Do nothing, because a file needs no connection."""

    def _write(self, envelope: Envelope) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{envelope.name}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(envelope.content)
        draft.replace(self._folder / f"{envelope.name}.eml")


class DisplayedMail(NamedTuple):
    """A mail on the page. `pieces` is its text, divided into plain text, a URL, plain text, a URL, and so on."""

    name: str
    subject: str
    recipient: str
    date: str
    pieces: Sequence[str]


@cache
def _page() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "dev_templates")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=True).get_template("dev_mail.j2")


class DevMail:
    """The routes of the page with mails.

    `GET /dev/mail` shows the newest mails in `folder`, at most MOST_SHOWN. `GET /dev/mail/{name}` returns the HTML of
    one mail. Callers on other machines get the status 403.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.routes = [Route("/dev/mail", _local_only(self._list)), Route("/dev/mail/{name}", _local_only(self._html))]

    def _list(self, _: Request) -> Response:
        mails = [_displayed(name, self._read(name)) for name in self._names()[:MOST_SHOWN]]
        nonce = secrets.token_urlsafe()
        html = _page().render(mails=mails, folder=self._folder, nonce=nonce)
        return _answer(html, _PAGE_POLICY.format(nonce=nonce))

    def _html(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._names():
            return JSONResponse({"error": "There is no such mail."}, status_code=404)
        body = self._read(name).get_body(("html",))
        html = body.get_content() if body else ""
        return _answer(f'<base target="_blank">{html}', _MAIL_POLICY)

    def _names(self) -> list[str]:
        return sorted((file.stem for file in self._folder.glob("*.eml")), reverse=True)

    def _read(self, name: str) -> EmailMessage:
        return message_from_bytes((self._folder / f"{name}.eml").read_bytes(), EmailMessage, policy=default)


def _local_only(endpoint: Callable[[Request], Response]) -> Callable[[Request], Response]:
    def answered(request: Request) -> Response:
        if not is_local(request):
            return JSONResponse(
                {"error": "This page answers on localhost only, and not through a proxy."}, status_code=403
            )
        return endpoint(request)

    return answered


def _displayed(name: str, mail: EmailMessage) -> DisplayedMail:
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    return DisplayedMail(name, str(mail["Subject"]), str(mail["To"]), str(mail["Date"]), _ADDRESS.split(text))


def _answer(html: str, policy: str) -> Response:
    return HTMLResponse(
        html,
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )
