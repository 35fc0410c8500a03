"""A client can build each message of a refusal in its own language: messages are declared, and refusals give their values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from inspect import getmembers, isclass
from typing import NamedTuple

import pytest

from resolvers.core.message_params import MEANINGS
from rules.messages import outcomes, registry
from rules.messages.operator import OperatorMessage
from rules.messages.passwords import WeakPasswordMessage
from rules.messages.rate_limits import RequestMessage
from rules.refusals import USER_ERROR_CODES, Message
from tests.architecture.reading_source import ROOT

FOR_OTHERS: tuple[type[Message], ...] = (OperatorMessage, RequestMessage)
"""The enums with messages that are in no payload: those of commands and of top-level errors."""

AREAS = {area.__name__: area for area in (*registry.AREAS, *FOR_OTHERS)}
OF_THE_REFUSAL = {"path", "retry_at"}


class Raised(NamedTuple):
    """A refusal with a declared message in the source: the place, the message, and the names of the values."""

    place: str
    message: Message
    given: set[str]


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Return each call of Refusal in the source, with its place."""
    layers = ("rules", "models", "services", "resolvers", "api")
    for path in (path for layer in layers for path in (ROOT / layer).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def raised() -> Iterator[Raised]:
    for place, call in refusals():
        why = call.args[0]
        if isinstance(why, ast.Attribute) and isinstance(why.value, ast.Name) and why.value.id in AREAS:
            given = {keyword.arg for keyword in call.keywords if keyword.arg}
            yield Raised(place, AREAS[why.value.id][why.attr], given)


def test_no_error_of_a_payload_has_a_text_of_its_own() -> None:
    of_payloads = {f"Code.{code.name}" for code in USER_ERROR_CODES}

    assert [
        place
        for place, call in refusals()
        if ast.unparse(call.args[0]) in of_payloads
        and (len(call.args) > 1 or {keyword.arg for keyword in call.keywords} - OF_THE_REFUSAL)
    ] == []


def test_each_refusal_gives_the_values_of_its_message() -> None:
    found = list(raised())

    wrong = [each.place for each in found if each.given - OF_THE_REFUSAL != {*each.message.placeholders} - {"retryAt"}]
    untimed = [each.place for each in found if "retryAt" in each.message.placeholders and "retry_at" not in each.given]

    assert len(found) > 50
    assert (wrong, untimed) == ([], [])


def test_each_declared_message_is_used() -> None:
    source = "\n".join(path.read_text() for path in ROOT.rglob("*.py") if ".venv" not in path.parts)
    derived = {*WeakPasswordMessage}  # services find it by the reason

    assert [
        f"{name}.{message.name}"
        for name, area in AREAS.items()
        for message in area
        if message not in derived and f"{name}.{message.name}" not in source
    ] == []


def test_every_area_is_in_the_registry() -> None:
    declared = {
        area
        for path in (ROOT / "rules/messages").glob("*.py")
        for _, area in getmembers(__import__(f"rules.messages.{path.stem}", fromlist=["_"]), isclass)
        if issubclass(area, Message) and area is not Message
    }

    assert declared == {*registry.AREAS, *FOR_OTHERS, outcomes.OutcomeMessage}


def test_code_and_problem_tell_all_messages_apart() -> None:
    assert len(registry.DECLARED) == sum(len(area.__members__) for area in registry.AREAS)
    assert {message.code for message in registry.DECLARED.values()} <= {*USER_ERROR_CODES}


@pytest.mark.parametrize("message", registry.DECLARED.values(), ids=str)
def test_each_message_is_rebuilt_from_its_code_and_its_parameters(message: Message) -> None:
    values = {name: f"«{name}»" for name in message.placeholders}

    text = registry.message_of(message.code, {"problem": message.name, **values})

    assert text.endswith(".")
    assert all(value in text for value in values.values())
    assert "{" not in text


def test_the_schema_says_what_each_value_of_a_message_means() -> None:
    used = {
        name for message in (*registry.DECLARED.values(), *outcomes.OutcomeMessage) for name in message.placeholders
    }

    assert {*MEANINGS} == {"problem", *used}
