"""`gatehouse mail`: list queued and dead mails, and queue dead mails again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from api.cli.command_runner import run
from api.cli.commands import CommandGroup
from api.cli.terminal.output import AsJson, say, say_json
from api.parts import Parts
from models.mail.table import MailState
from services.mail import dead_letters
from services.mail.dead_letters import ListedMail, RetryResult

MOST_LISTED = 1000

WHY_NOT = {
    RetryResult.LINK_DEAD: "its link is dead: send the user a new one instead",
    RetryResult.OUTDATED: "what it says no longer holds",
    RetryResult.NOT_DEAD: "it was not given up",
    RetryResult.UNKNOWN: "there is no such mail",
}

group = CommandGroup("Mail")


@group.command("list", example="gatehouse mail list", then="mend what is the cause, then: gatehouse mail retry --all")
def list_mail(
    state: Annotated[MailState, typer.Option(case_sensitive=False, help="Which mail.")] = MailState.DEAD,
    as_json: AsJson = False,
) -> None:
    """List the oldest mails in a state, at most 1,000, with masked recipients."""

    async def body(parts: Parts) -> list[ListedMail]:
        return await dead_letters.list_mails(parts.runtime, state, MOST_LISTED)

    mails = run(body)
    if as_json:
        say_json({"mails": [_camel(asdict(mail)) for mail in mails]})
        return
    for mail in mails:
        age = timedelta(seconds=mail.age_seconds)
        say(f"{mail.id}  {mail.kind:<22}  {mail.recipient:<32}  {mail.attempts:>2} tries  {age}  {mail.problem or ''}")
    if not mails:
        say(f"No mail is {state.value.lower()}.")


@group.command(
    "retry",
    example="gatehouse mail retry --all",
    then="gatehouse mail list --state queued shows how far it is.",
    fails="some stayed as they were",
)
def retry_mail(
    ids: Annotated[list[UUID] | None, typer.Argument(help="Ids of dead letters, as mail list prints them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    as_json: AsJson = False,
) -> None:
    """Queue dead mails again. A mail with a link that is no longer valid cannot be sent again."""
    if every == bool(ids):
        raise typer.BadParameter("name the mails, or say --all", param_hint="ids")

    async def body(parts: Parts) -> dict[UUID, RetryResult]:
        return await dead_letters.retry(parts.runtime, ids or None)

    answers = run(body)
    again = sum(answer is RetryResult.QUEUED for answer in answers.values())
    if as_json:
        say_json({"mails": [{"id": str(mail_id), "result": answer} for mail_id, answer in answers.items()]})
    else:
        for mail_id, answer in answers.items():
            if answer is not RetryResult.QUEUED:
                say(f"{mail_id} stays as it is: {WHY_NOT[answer]}.")
        say(f"{again} {'mail is' if again == 1 else 'mails are'} queued again.")
    if again < len(answers):
        raise typer.Exit(1)


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    return {
        first + "".join(map(str.title, rest)): value
        for name, value in row.items()
        for first, *rest in [name.split("_")]
    }
