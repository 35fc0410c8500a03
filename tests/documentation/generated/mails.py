"""Generate the table of mails in docs/architecture.md from the rows of rules/mail/kinds.py."""

from __future__ import annotations

import re
from datetime import timedelta

from rules.mail.kinds import MAIL_KINDS, MailKind, template
from rules.mail.mail_spec import MailSpec

HEAD = "| kind | sent when | to | enqueued by | link, how long | template |\n|---|---|---|---|---|---|\n"
HOUR = timedelta(hours=1)


def with_mails(text: str) -> str:
    """Return the document's text with a table that has one row for each kind of mail."""
    rows = "".join(_row(kind, spec) for kind, spec in MAIL_KINDS.items())
    return re.sub(rf"({re.escape(HEAD)})(?:\|.*\n)*", lambda match: match[1] + rows, text)


def _row(kind: MailKind, spec: MailSpec) -> str:
    sent_by = ", ".join("`{}` `{}`".format(*place.split(" ")) for place in spec.sent_by)
    file = f"`api/mail/templates/{template(kind)}`"
    return f"| {kind} | {spec.sent_when} | {spec.sent_to} | {sent_by} | {_link(spec)} | {file} |\n"


def _link(spec: MailSpec) -> str:
    if spec.lifetime is None:
        return "none"
    opens = f"page `{spec.page}`" if spec.page else "a code"
    for_staff = spec.lifetime.for_staff
    of_staff = f"; staff: {for_staff // HOUR} hours" if for_staff else ""
    return f"{opens}; the portal's `{spec.lifetime.setting}`{of_staff}"
