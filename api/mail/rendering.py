"""What the mails say: templates/ has a file for each kind, and its words appear alike in text and in HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rules.mail.kinds import MAIL_KINDS, MailKind
from rules.mail.safe_names import MOST_OF_A_PORTAL, one_line, shown
from services.email_addresses import mailbox, needs_smtputf8
from services.links import code_of
from services.mail.outbox import ClaimedMail, MailRefused

TEMPLATES = Path(__file__).parent / "templates"

_LONGEST_CONTACT = 120


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail ready to hand over: sender, recipient, and every byte of it. `name` is the same each time it is sent."""

    name: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


class MailRenderer:
    """Writes letters that come from `sender`, with links that begin with `link_base_url`."""

    def __init__(self, sender: Address, link_base_url: str, templates: Path = TEMPLATES) -> None:
        self._sender = sender
        self._link_base_url = link_base_url
        loader = FileSystemLoader(templates)
        self._plain = Environment(loader=loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701  # no HTML
        self._html = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)

    def write(self, errand: ClaimedMail, at: datetime) -> Envelope:
        """The letter, dated `at`; MailRefused when its address is none."""
        try:
            recipient = mailbox(errand.mail.recipient)
        except ValueError:
            raise MailRefused("bad-address") from None

        message = EmailMessage(policy=SMTPUTF8 if needs_smtputf8(recipient) else SMTP)
        message["From"] = self._sender
        message["To"] = recipient
        message["Subject"] = self._rendered(self._plain, "subject.j2", errand)
        message["Date"] = at
        # The same whenever this mail is sent: where it arrives twice, the second is recognised.
        message["Message-ID"] = f"<{errand.mail.id}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        # Lines of any length and any script, for servers that pass on nothing but short ones in ASCII.
        message.set_content(self._rendered(self._plain, "letter.txt.j2", errand), cte="quoted-printable")
        message.add_alternative(
            self._rendered(self._html, "letter.html.j2", errand), subtype="html", cte="quoted-printable"
        )
        return Envelope(
            name=f"{errand.mail.created_at:%Y-%m-%dT%H-%M-%SZ}-{errand.mail.id}",
            sender=self._sender.addr_spec,
            recipient=recipient.addr_spec,
            content=message.as_bytes(),
        )

    def _rendered(self, environment: Environment, layout: str, errand: ClaimedMail) -> str:
        return environment.get_template(f"{errand.mail.kind.lower()}.j2").render(
            layout=layout,
            name=shown(errand.name),
            portal=shown(errand.portal, MOST_OF_A_PORTAL),
            actor=shown(errand.actor or ""),
            support=one_line(errand.support_contact or "")[:_LONGEST_CONTACT] or "your service provider",
            **self._carried(errand),
        )

    def _carried(self, errand: ClaimedMail) -> dict[str, str]:
        """The link or the code, and until when it is good; of a notice, the moment that it tells of."""
        if errand.link is None or errand.token is None:
            return {"until": _spoken(errand.mail.deadline)} if errand.mail.deadline else {}
        until = _spoken(errand.link.expires_at)
        if MAIL_KINDS[errand.mail.kind].page is None:
            return {"code": code_of(errand.token), "until": until}
        return {"link": link_to(self._link_base_url, errand.mail.kind, errand.token), "until": until}


def link_to(link_base_url: str, kind: MailKind, token: str) -> str:
    """Return the URL of the frontend's page for the link of such a mail. Browsers send its fragment to no server."""
    return f"{link_base_url}/{MAIL_KINDS[kind].page}#token={token}"


def _spoken(instant: datetime) -> str:
    return f"{instant.day} {instant:%B %Y, %H:%M} UTC"
