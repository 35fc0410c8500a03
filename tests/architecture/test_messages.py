"""A client can build the message of a refusal in its own language: from the code, the problem and the parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from string import Formatter
from typing import NamedTuple

from tests.architecture.reading_source import ROOT

FOLDERS = ("resolvers", "services/bulk", "services/onboarding", "services/users", "rules/lifecycle")
FILES = ("rules/user_fields.py", "services/email_addresses.py", "services/rate_limits.py")
OF_THE_REQUEST = {"BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN"}
"""Codes of top-level errors. These are for developers, and are not translated."""


class Raised(NamedTuple):
    """A refusal in the source: where, its code if the source names it, its message, and its keyword arguments."""

    place: str
    code: str | None
    message: ast.expr
    given: dict[str, ast.expr]


def raised() -> Iterator[Raised]:
    paths = [*(ROOT / file for file in FILES), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal"):
                continue
            code = node.args[0].attr if isinstance(node.args[0], ast.Attribute) else None
            if len(node.args) > 1 and code not in OF_THE_REQUEST:
                given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
                yield Raised(f"{path.relative_to(ROOT)}:{node.lineno}", code, node.args[1], given)


def test_no_value_is_written_into_a_message_without_a_parameter() -> None:
    written = [each.place for each in raised() if isinstance(each.message, ast.JoinedStr)]

    assert not written, f"give the values as parameters of Refusal, and their names in braces: {written}"


def test_every_placeholder_of_a_message_is_a_parameter() -> None:
    lacking = [
        (each.place, name)
        for each in raised()
        if isinstance(each.message, ast.Constant)
        for _, name, _, _ in Formatter().parse(str(each.message.value))
        if name and name not in each.given
    ]

    assert not lacking


def test_the_code_and_the_problem_tell_messages_with_parameters_apart() -> None:
    messages: dict[tuple[str, str], set[str]] = {}
    for each in raised():
        if isinstance(each.message, ast.Constant) and "{" in str(each.message.value) and each.code:
            problem = ast.unparse(each.given["problem"]) if "problem" in each.given else ""
            messages.setdefault((each.code, problem), set()).add(str(each.message.value))

    assert messages
    assert {key: texts for key, texts in messages.items() if len(texts) > 1} == {}
