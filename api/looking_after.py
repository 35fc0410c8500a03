"""Commands with which an operator looks after what runs by itself: housekeeping and mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.progress import Progress, TextColumn

from api.app import Gatehouse
from models.outbox import MailState
from rules.housekeeping import Chore
from services import dead_letters
from services.dead_letters import Listed, Retried
from services.housekeeping import Housekeeping, Told

T = TypeVar("T")
Run = Callable[[Callable[[Gatehouse], Awaitable[T]]], T]
"""Runs a command's body with the database open."""

MOST_LISTED = 1000

WORDS = {
    Chore.END_LOCKS: "locks whose minutes are over",
    Chore.SUSPEND_IDLE: "users suspended as idle",
    Chore.WARN_IDLE: "users warned that they will be",
    Chore.ERASE_DEACTIVATED: "deactivated users erased",
    Chore.DROP_LINKS: "links past their end",
    Chore.DROP_INVITATIONS: "invitations of the past",
    Chore.DROP_SESSIONS: "sessions that have ended",
    Chore.DROP_PREVIEWS: "previews past their end",
    Chore.DROP_IDEMPOTENCY_KEYS: "idempotency keys past their day",
    Chore.DROP_MAILS: "mails sent or cancelled long ago",
    Chore.DROP_ATTEMPTS: "counts of wrong passwords",
    Chore.DROP_SOURCES: "sources not seen for long",
}
WHY_NOT = {
    Retried.LINK_DEAD: "its link is dead: send the user a new one instead",
    Retried.NOT_DEAD: "it was not given up",
    Retried.UNKNOWN: "there is no such mail",
}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

out = Console()


def add_to(cli: typer.Typer, run: Callable[[Callable[[Gatehouse], Any]], Any]) -> None:
    """Adds the commands to the command line; `run` runs a body with the database open."""

    @cli.command()
    def housekeeping(
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Tell how much there is to do, and do nothing.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Do what only time brings about: end locks, suspend the idle, erase and drop what is kept no longer."""

        async def body(parts: Gatehouse) -> dict[Chore, int] | None:
            chores = Housekeeping(parts.work)
            if dry_run:
                return await chores.look()
            with _progress(as_json=as_json) as told:
                return await chores.run(told)

        _tell_chores(run(body), dry_run=dry_run, as_json=as_json)

    mail = typer.Typer(no_args_is_help=True, help="Look at queued mail, and send again what was given up.")
    cli.add_typer(mail, name="mail")

    @mail.command("list")
    def list_mail(
        state: Annotated[MailState, typer.Option(case_sensitive=False, help="Which mail.")] = MailState.DEAD,
        as_json: AsJson = False,
    ) -> None:
        """List the oldest mails in a state, up to 1,000, with their recipients made unreadable."""

        async def body(parts: Gatehouse) -> list[Listed]:
            return await dead_letters.mails(parts.work, state, MOST_LISTED)

        _tell_mails(run(body), as_json=as_json)

    @mail.command("retry")
    def retry_mail(
        ids: Annotated[list[UUID] | None, typer.Argument(help="Ids of dead letters, as mail list prints them.")] = None,
        every: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Queue dead letters again; one whose link is dead cannot be sent any more."""
        if every == bool(ids):
            raise typer.BadParameter("name the mails, or say --all", param_hint="ids")

        async def body(parts: Gatehouse) -> dict[UUID, Retried]:
            return await dead_letters.retry(parts.work, ids or None)

        _tell_retried(run(body), as_json=as_json)


def _tell_chores(done: dict[Chore, int] | None, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        _say_json(
            {
                "ran": done is not None and not dry_run,
                "chores": {str(chore): number for chore, number in (done or {}).items()},
            }
        )
    elif done is None:
        _say("Another process is at it just now. Nothing was done.")
    elif not any(done.values()):
        _say("There is nothing to do.")
    else:
        _say("There is to do:" if dry_run else "Done:")
        for chore, number in done.items():
            if number:
                _say(f"{number:>9,}  {WORDS[chore]}")


def _tell_mails(mails: list[Listed], *, as_json: bool) -> None:
    if as_json:
        _say_json({"mails": [_camel(asdict(mail)) for mail in mails]})
        return
    for mail in mails:
        age = timedelta(seconds=mail.age_seconds)
        _say(f"{mail.id}  {mail.kind:<22}  {mail.recipient:<32}  {mail.attempts:>2} tries  {age}  {mail.problem or ''}")
    if not mails:
        _say("There is none.")


def _tell_retried(answers: dict[UUID, Retried], *, as_json: bool) -> None:
    again = sum(answer is Retried.QUEUED for answer in answers.values())
    if as_json:
        _say_json({"mails": [{"id": str(id), "result": answer} for id, answer in answers.items()]})
    else:
        for id, answer in answers.items():
            if answer is not Retried.QUEUED:
                _say(f"{id} stays as it is: {WHY_NOT[answer]}.")
        _say(f"{again} {'mail is' if again == 1 else 'mails are'} queued again.")
    if again < len(answers):
        raise typer.Exit(1)


@contextmanager
def _progress(*, as_json: bool) -> Iterator[Told]:
    """A line that moves where somebody looks on; nothing in a pipe."""
    column = TextColumn("{task.description}")
    with Progress(column, console=out, transient=True, disable=as_json or not out.is_terminal) as line:
        task = line.add_task("Looking")
        yield lambda chore, done: line.update(task, description=f"{done:,} {WORDS[chore]}")


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    return {
        first + "".join(map(str.title, rest)): value
        for name, value in row.items()
        for first, *rest in [name.split("_")]
    }


def _say(message: str) -> None:
    out.print(message, markup=False, highlight=False, soft_wrap=True)


def _say_json(content: object) -> None:
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str))
