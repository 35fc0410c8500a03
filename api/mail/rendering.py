"""Rendering of mails. Each kind of mail has one file in templates/, which is rendered as plain text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rules.mail.kinds import MAIL_KINDS, MailKind, template
from rules.mail.safe_names import MOST_OF_A_PORTAL, one_line, safe_name
from services.email_addresses import mailbox, needs_smtputf8
from services.links import code_of
from services.mail.outbox import MailRefused, MailToSend

TEMPLATES = Path(__file__).parent / "templates"

_LONGEST_CONTACT = 120


@dataclass(frozen=True, slots=True)
class Envelope:
    """A rendered mail with its sender and recipient.

    `name` consists of the mail's creation time and id. All attempts to send the mail therefore have the same name.
    """

    name: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


class MailRenderer:
    """Renders mails from the templates. `sender` is the From address of mails. Links begin with `link_base_url`."""

    def __init__(self, sender: Address, link_base_url: str, templates: Path = TEMPLATES) -> None:
        self._sender = sender
        self._link_base_url = link_base_url
        loader = FileSystemLoader(templates)
        self._plain = Environment(loader=loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701  # no HTML
        self._html = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)

    def render(self, claimed: MailToSend, at: datetime) -> Envelope:
        """Return the rendered mail, dated `at`. Raise MailRefused if the recipient is not a valid address."""
        try:
            recipient = mailbox(claimed.mail.recipient)
        except ValueError:
            raise MailRefused("bad-address") from None

        message = EmailMessage(policy=SMTPUTF8 if needs_smtputf8(recipient) else SMTP)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = self._render_layout(self._plain, "subject.j2", claimed)
        message["Date"] = at
        # Equal at every attempt to send the mail, so that receivers recognise a mail that arrives twice.
        message["Message-ID"] = f"<{claimed.mail.id}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        # Some servers relay only short lines of ASCII.
        message.set_content(self._render_layout(self._plain, "layout.txt.j2", claimed), cte="quoted-printable")
        message.add_alternative(
            self._render_layout(self._html, "layout.html.j2", claimed), subtype="html", cte="quoted-printable"
        )
        return Envelope(
            name=f"{claimed.mail.created_at:%Y-%m-%dT%H-%M-%SZ}-{claimed.mail.id}",
            sender=self._sender.addr_spec,
            recipient=recipient.addr_spec,
            content=message.as_bytes(),
        )

    def _render_layout(self, environment: Environment, layout: str, claimed: MailToSend) -> str:
        return environment.get_template(template(claimed.mail.kind)).render(
            layout=layout,
            name=safe_name(claimed.name),
            portal=safe_name(claimed.portal, MOST_OF_A_PORTAL),
            actor=safe_name(claimed.actor or ""),
            support=one_line(claimed.support_contact or "")[:_LONGEST_CONTACT] or "your service provider",
            **self._link_code_or_deadline(claimed),
        )

    def _link_code_or_deadline(self, claimed: MailToSend) -> dict[str, str]:
        """Return the template's variables: `link` or `code`, and `until`, the time at which the link or code expires.

        For a mail without link and code, `until` is the mail's deadline. If the mail has no deadline, the dict is
        empty.
        """
        if claimed.link is None or claimed.token is None:
            return {"until": _formatted(claimed.mail.deadline)} if claimed.mail.deadline else {}
        until = _formatted(claimed.link.expires_at)
        if MAIL_KINDS[claimed.mail.kind].page is None:
            return {"code": code_of(claimed.token), "until": until}
        return {"link": link_to(self._link_base_url, claimed.mail.kind, claimed.token), "until": until}


def link_to(link_base_url: str, kind: MailKind, token: str) -> str:
    """Return the URL of the frontend's page for `kind`.

    The token is in the fragment, because browsers do not send the fragment of a URL to servers.
    """
    return f"{link_base_url}/{MAIL_KINDS[kind].page}#token={token}"


def _formatted(instant: datetime) -> str:
    return f"{instant.day} {instant:%B %Y, %H:%M} UTC"
