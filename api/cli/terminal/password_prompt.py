"""The first password of an account that a command creates, typed at the terminal or read from a file.

A command takes no password as an argument or environment variable, because other users can read a process's arguments,
and child processes inherit its environment.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from api.security.password_hashing import hash_now
from api.security.password_strength import weakness
from rules.auth.passwords import LONGEST, SHORTEST, PasswordContext, check_length, guessable_password
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal

STANDARD_INPUT = Path("-")


def hashed_password(file: Path | None, *words: str) -> str:
    """Return the hash of the password in `file`, or of a password typed at the terminal if `file` is None.

    `words` are names and addresses of the person and the portal. A password made of these words counts as easy to
    guess.

    - Raise Refusal(WEAK_PASSWORD) if the password is too short, too long or easy to guess.
    - Raise Refusal(INVALID_INPUT) if `file` cannot be read or is not UTF-8.
    - Raise BadParameter if `file` is None and there is no terminal.
    """
    password = _typed() if file is None else _read(file)
    check_length(password, PasswordContext(words, has_second_factor=False))
    if reason := weakness(password, words):
        raise guessable_password(reason, None)
    return hash_now(password)


def _typed() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter(
            "without a terminal the password cannot be typed. Name a file, or - for standard input.",
            param_hint="--password-file",
        )
    question = f"First password, {SHORTEST} to {LONGEST} characters"
    return str(typer.prompt(question, hide_input=True, confirmation_prompt=True))


def _read(file: Path) -> str:
    try:
        octets = sys.stdin.buffer.read() if file == STANDARD_INPUT else file.read_bytes()
        # An editor adds a line end that does not belong to the password.
        return octets.decode().removesuffix("\n").removesuffix("\r")
    except OSError as problem:
        raise Refusal(OperatorMessage.UNREADABLE, file=file, cause=problem.strerror) from None
    except UnicodeDecodeError:
        raise Refusal(OperatorMessage.NOT_UTF_8, file=file) from None
