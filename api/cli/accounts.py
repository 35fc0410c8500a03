"""Commands for one account: print an access token, remove a second factor."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import command_runner
from api.cli.command_runner import run
from api.cli.commands import CommandGroup
from api.cli.terminal.output import AsJson, fail, say, say_json
from api.parts import Parts
from api.web import dev_token
from services.admin import staff_second_factors
from services.ports import Caller, SignedAccessToken

group = CommandGroup("Maintenance")


@group.command(
    example="gatehouse token admin@acme.test --portal acme", then="send it as Authorization: Bearer, for 15 minutes."
)
def token(
    login: Annotated[str, typer.Argument(help="E-mail or username.")],
    portal: Annotated[str | None, typer.Option(help="Slug of the account's portal. Absent for MSSP staff.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print an access token for an account. No password is needed, so the command works in development only."""
    if command_runner.settings().env != "development":
        fail("Tokens without a password are for development only. Sign in instead.")

    async def body(parts: Parts) -> SignedAccessToken:
        signed_in = await dev_token.token(parts.runtime, parts.ports, Caller("command line", None), login, portal)
        if signed_in.token is None:
            fail(f"{login} cannot sign in: {', '.join(blocker.code for blocker in signed_in.blockers)}")
        return signed_in.token

    made = run(body)
    if as_json:
        say_json({"accessToken": made.text, "expiresIn": made.expires_in_seconds})
    else:
        typer.echo(made.text)


@group.command(
    "reset-mfa",
    example="gatehouse reset-mfa tim@example.com",
    then="the member of staff signs in with the password alone, and sets up another: enrollMfa.",
)
def reset_mfa(
    email: Annotated[str, typer.Argument(help="The address that the member of staff signs in with.")],
) -> None:
    """Remove the second factor of a member of the staff. For portal users, use the mutation resetMfa."""

    async def body(parts: Parts) -> None:
        await staff_second_factors.reset_for_staff(parts.runtime, email)

    run(body, command="reset-mfa")
    say(f"{email} has no second factor any more; sessions have ended.")
