"""Each value in the operator's table of limits equals the constant that its row names."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from api.connections.connection_limits import ConnectionLimits
from api.graphql.cost.limits import Limits
from rules.auth.rate_limits import RateLimits
from rules.housekeeping import KEPT, Task
from tests.support.processes.commands import ROOT

MANUAL = (ROOT / "docs" / "operator.md").read_text()
UNITS = {
    "": 1.0,
    "KiB": 1024.0,
    "MiB": 1024.0**2,
    "ms": 0.001,
    "s": 1.0,
    "minute": 60.0,
    "hour": 3600.0,
    "day": 86400.0,
}


def rows() -> dict[str, str]:
    """Return the value in each row of the table, by the dotted name of the row's constant."""
    section = MANUAL.partition("\n## Limits\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| .+ \| (.+) \| `((?:\w+\.)+\w+)` \|$", section, flags=re.MULTILINE)
    return {name: value for value, name in found}


def in_numbers(value: str) -> tuple[float, ...]:
    """Return the numbers in a cell such as `1 MiB`, `15 minutes` or `16, 24, 32`. Units become bytes or seconds."""
    numbers = []
    for each in re.split(r", ", value):
        number, unit = re.fullmatch(r"([\d,.]+) ?([A-Za-z]*)", each).groups()  # type: ignore[union-attr]  # or it fails
        numbers.append(float(number.replace(",", "")) * UNITS[unit if unit in UNITS else unit.removesuffix("s")])
    return tuple(numbers)


def constant(name: str) -> Any:
    """Return the value that a dotted name refers to. For a field of a dataclass, return the field's default."""
    module = name
    parts: list[str] = []
    while True:
        try:
            found: Any = import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            parts.insert(0, last)
    for part in parts:
        if isinstance(found, type) and is_dataclass(found):
            found = next(field.default for field in fields(found) if field.name == part)
            assert found is not MISSING
        else:
            found = getattr(found, part)
    return found


def as_numbers(found: Any) -> tuple[float, ...]:
    if isinstance(found, tuple):
        return tuple(float(each) for each in found)
    if isinstance(found, timedelta):
        return (found.total_seconds(),)
    return in_numbers(found) if isinstance(found, str) else (float(found),)


@pytest.mark.parametrize("name", rows())
def test_the_manual_says_the_limit_that_holds(name: str) -> None:
    assert as_numbers(constant(name)) == pytest.approx(in_numbers(rows()[name]))


@pytest.mark.parametrize("kind", [Limits, ConnectionLimits, RateLimits])
def test_the_manual_has_a_row_for_every_field_of_the_limits(kind: type[Any]) -> None:
    named = " ".join(rows()) + " "

    missing = [
        field.name for field in fields(kind) if not re.search(rf"\.{kind.__name__}\.{field.name}(\.\w+)? ", named)
    ]

    assert not missing, f"docs/operator.md, Limits: write a row for {', '.join(missing)}."


def test_the_manual_says_for_how_long_each_kind_of_row_is_kept() -> None:
    section = MANUAL.partition("\n## Housekeeping\n")[2].partition("\n## ")[0]
    when = dict(re.findall(r"^\| .+ \| `(\w+)` \| (.+) \|$", section, flags=re.MULTILINE))
    told = {task: re.search(r"\b\d+ (?:hour|day)s?\b", when[task.value]) for task in KEPT}

    assert set(when) == {task.value for task in Task}
    assert {task: found and timedelta(seconds=in_numbers(found[0])[0]) for task, found in told.items()} == {
        task: kept or None for task, kept in KEPT.items()
    }
