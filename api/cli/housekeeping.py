"""`gatehouse housekeeping` and `gatehouse checkpoint`: run now what the server runs every hour or every day."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress, TextColumn

from api.cli.command_runner import run
from api.cli.commands import CommandGroup
from api.cli.terminal.output import AsJson, err, fail, say, say_json, warn
from api.parts import Parts
from models.db.database_errors import reason
from rules.audit.checkpoints import Checkpoint
from rules.housekeeping import Task
from services.audit_chain import checkpoints
from services.housekeeping.run import Housekeeping, HousekeepingReport

WORDS = {
    Task.END_LOCKS: "locks whose minutes are over",
    Task.SUSPEND_IDLE: "users suspended as idle",
    Task.WARN_IDLE: "users warned that they will be",
    Task.RELEASE_SEATS: "seats of expired invitations given back",
    Task.ERASE_DEACTIVATED: "deactivated users erased",
    Task.LOG_FAILED_SIGN_INS: "accounts whose failed sign-ins were logged",
    Task.SIGN_CHECKPOINTS: "signed checkpoints of the audit log",
    Task.DROP_IDEMPOTENCY_KEYS: "idempotency keys past their day",
    Task.DROP_MAILS: "mails sent or cancelled long ago",
    Task.DROP_DEAD_MAILS: "mails given up long ago",
    Task.DROP_UNSENT_MAILS: "mails that were never sent",
    Task.DROP_RESET_REQUESTS: "unanswered reset requests",
    Task.DROP_MAIL_COUNTS: "counts of mail by recipient",
    Task.DROP_LINKS: "links past their end",
    Task.DROP_INVITATIONS: "invitations of the past",
    Task.DROP_SESSIONS: "sessions that have ended",
    Task.DROP_PREVIEWS: "previews past their end",
    Task.DROP_OPERATIONS: "operations of the past",
    Task.DROP_ATTEMPTS: "counts of wrong passwords",
    Task.DROP_GUESSES: "counts of unknown logins and addresses",
    Task.DROP_SOURCES: "sources not seen for long",
    Task.DROP_LIMITED_TRIES: "counts of failures by network that are over",
    Task.DROP_DELETED_NAMES: "names of deleted users past their end",
    Task.DROP_FAILED_SIGN_INS: "times of failed sign-ins of long ago",
    Task.DROP_CHECKPOINTS: "checkpoints of the audit log that a newer one replaces",
}

group = CommandGroup("Maintenance")


@group.command(
    example="gatehouse housekeeping --dry-run",
    then="without --dry-run it is done; the server does it every hour unless GATEHOUSE_HOUSEKEEPING is off.",
    fails="a task failed; the others were done",
)
def housekeeping(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how much there is to do, and do nothing.")] = False,
    release: Annotated[
        bool, typer.Option("--release", help="Also do the tasks that are held back after an upgrade, from now on.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """End expired locks, suspend idle users, erase deactivated users and delete expired rows."""

    async def body(parts: Parts) -> HousekeepingReport | None:
        tasks = Housekeeping(parts.runtime)
        if dry_run:
            return await tasks.preview()
        if release:
            await tasks.release()
        column = TextColumn("{task.description}")
        with Progress(column, console=err, transient=True, disable=not err.is_terminal) as line:
            shown = line.add_task("Looking")
            return await tasks.run(lambda task, done: line.update(shown, description=f"{done:,} {WORDS[task]}"))

    report = run(body)
    if as_json:
        say_json(_as_json(report, ran=report is not None and not dry_run))
    elif report is None:
        say("Another process is at it just now. Nothing was done.")
    else:
        _print(report, "There is to do:" if dry_run else "Done:")
    if report and report.failed:
        for task, error in report.failed.items():
            warn(f"{task} failed: {_cause(error)}")
        fail(f"{len(report.failed)} of {len(Task)} tasks failed. The others were done.")


def _print(report: HousekeepingReport, heading: str) -> None:
    if not any(report.done.values()) and not report.failed:
        say("There is nothing to do.")
    elif any(report.done.values()):
        say(heading)
    for task, number in report.done.items():
        if number:
            say(f"{number:>9,}  {WORDS[task]}")
    for task, until in report.held.items():
        say(f"Held back until {until:%Y-%m-%d %H:%M} UTC, after an upgrade: {WORDS[task]}")


def _as_json(report: HousekeepingReport | None, *, ran: bool) -> dict[str, object]:
    found = report or HousekeepingReport(done={})
    return {
        "ran": ran,
        "tasks": {str(task): number for task, number in found.done.items()},
        "failed": {str(task): _cause(error) for task, error in found.failed.items()},
        "held": {str(task): until.isoformat() for task, until in found.held.items()},
    }


def _cause(error: Exception) -> str:
    """Return the classes of the error and of its cause, without their messages."""
    return f"{type(error).__name__}, {reason(error)}"


@group.command(
    example="gatehouse checkpoint >> checkpoints.txt",
    then="keep the lines on another machine, and compare them later: gatehouse doctor --checkpoints checkpoints.txt",
    fails="a chain has a fault, and was not signed",
)
def checkpoint(as_json: AsJson = False) -> None:
    """Sign the audit logs that have grown since their last checkpoint. Print each checkpoint as one line.

    The server does this every day. Before an audit log is signed, the events since its last checkpoint are checked.
    """

    async def body(parts: Parts) -> tuple[list[Checkpoint], int]:
        signed = list[Checkpoint]()
        broken = await checkpoints.sign_grown(parts.runtime, signed.append)
        return signed, broken

    signed, broken = run(body, command="checkpoint")
    lines = [each.line for each in signed]
    if as_json:
        say_json({"checkpoints": lines, "broken": broken})
    else:
        for line in lines:
            say(line)
    if broken:
        fail(f"Audit logs with a fault, which were not signed: {broken}. Run: gatehouse doctor")
