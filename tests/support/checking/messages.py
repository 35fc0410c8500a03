"""The messages of an answer, built again from their codes and parameters, as a client in another language does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rules.messages import outcomes, registry
from rules.refusals import Code


def check_messages(data: Any) -> None:
    """Require that each message in `data` equals the message that is built from its code and its parameters."""
    wrong = [reason for reason in _reasons(data) if _rebuilt(reason) != reason["message"]]
    assert not wrong, f"messages that a client cannot build: {wrong}"


def _rebuilt(reason: dict[str, Any]) -> str:
    """Return the message that is built from the code and the parameters of `reason`.

    `reason` is a UserError if it has the parameter `problem`, and an OutcomeReason otherwise.
    """
    given = {param["name"]: param["value"] for param in reason["params"]}
    rebuilt = registry.message_of if "problem" in given else outcomes.message_of
    return rebuilt(Code(reason["code"]), given)


def _reasons(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects anywhere inside `data` that have a code, a message and parameters."""
    if isinstance(data, list):
        for each in data:
            yield from _reasons(each)
    elif isinstance(data, dict):
        if {"code", "message", "params"} <= data.keys():
            yield data
        yield from _reasons(list(data.values()))
