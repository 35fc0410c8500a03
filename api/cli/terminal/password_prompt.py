"""The first password of an account that the command line sets up: typed or read from a file, never an argument."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from api.security.password_hashing import hash_now
from api.security.password_strength import is_guessable
from rules.auth.passwords import LONGEST, SHORTEST, Chooser, check_length
from rules.refusals import Code, Refusal

STANDARD_INPUT = Path("-")


def hashed(file: Path | None, *words: str) -> str:
    """Return the hash of the password in `file`, or of what is typed at the terminal.

    Raise Refusal(WEAK_PASSWORD) if it breaks the rules for passwords; `words` are the names of the user and the portal.
    Raise BadParameter if there is neither a file nor a terminal.

    It is never an argument or a variable: other users can read a command's arguments, and its children its environment.
    """
    password = _typed() if file is None else _read(file)
    check_length(password, Chooser(words, has_second_factor=False))
    if is_guessable(password, words):
        raise Refusal(
            Code.WEAK_PASSWORD, "This password is easy to guess: it is common, or made of names. Take another one."
        )
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
        # The end of the line is the editor's, not the password's.
        return octets.decode().removesuffix("\n").removesuffix("\r")
    except OSError as problem:
        raise Refusal(Code.INVALID_INPUT, f"Cannot read {file}: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise Refusal(Code.INVALID_INPUT, f"The password in {file} is not UTF-8.") from None
