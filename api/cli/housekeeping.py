"""`gatehouse housekeeping`: what only time brings about, done now."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress, TextColumn

from api.app import Gatehouse
from api.cli.chapters import Chapter
from api.cli.opening import run
from api.cli.telling import AsJson, err, say, say_json
from rules.housekeeping import Chore
from services.housekeeping import Housekeeping

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
    Chore.DROP_RESET_REQUESTS: "unanswered reset requests",
    Chore.DROP_MAIL_COUNTS: "counts of mail by recipient",
    Chore.DROP_GUESSES: "counts of unknown logins and addresses",
    Chore.DROP_SOURCES: "sources not seen for long",
}

chapter = Chapter("Look after it")


@chapter.command(
    example="gatehouse housekeeping --dry-run",
    then="without --dry-run it is done; the server does it every hour unless GATEHOUSE_HOUSEKEEPING is off.",
)
def housekeeping(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how much there is to do, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Do what only time brings about: end locks, suspend the idle, erase and drop what is kept no longer."""

    async def body(parts: Gatehouse) -> dict[Chore, int] | None:
        chores = Housekeeping(parts.work)
        if dry_run:
            return await chores.look()
        column = TextColumn("{task.description}")
        with Progress(column, console=err, transient=True, disable=not err.is_terminal) as line:
            task = line.add_task("Looking")
            return await chores.run(
                lambda chore, done: line.update(task, description=f"{done:,} {WORDS[chore]}"),
            )

    done = run(body)
    if as_json:
        numbers = {str(chore): number for chore, number in (done or {}).items()}
        say_json({"ran": done is not None and not dry_run, "chores": numbers})
    elif done is None:
        say("Another process is at it just now. Nothing was done.")
    elif not any(done.values()):
        say("There is nothing to do.")
    else:
        say("There is to do:" if dry_run else "Done:")
        for chore, number in done.items():
            if number:
                say(f"{number:>9,}  {WORDS[chore]}")
