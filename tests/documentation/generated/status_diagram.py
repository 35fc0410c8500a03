"""Generate the status diagram in docs/status-diagram.md from the tables of actions and events."""

from __future__ import annotations

from collections.abc import Iterator

from rules.lifecycle.actions import ACTIONS
from rules.lifecycle.events import EVENTS
from rules.lifecycle.statuses import CATEGORY, RESUMABLE, Category, Status
from rules.lifecycle.transitions import Effect, Transitions
from tests.support.processes.commands import ROOT

DIAGRAM = ROOT / "docs" / "status-diagram.md"

PAGE = """# The status diagram

Written from `rules/lifecycle/actions.py` and `rules/lifecycle/events.py` by `make docs`: do not edit.

Actions have the names of their mutations, events are in capitals. An arrow to a group of statuses, RESUMABLE, leads to the
last status of the group that the user was in. Actions and events that leave the status as it is are not shown.

```mermaid
{diagram}
```
"""


def page() -> str:
    """Return the text of docs/status-diagram.md."""
    return PAGE.format(diagram="\n".join(_lines()))


def _lines() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield "    direction LR"
    for category in Category:
        yield f"    state {category} {{"
        for status in Status:
            if CATEGORY[status] is category and status not in RESUMABLE:
                yield f"        {status}"
        if category is Category.ENABLED:
            yield "        state RESUMABLE {"
            yield from (f"            {status}" for status in Status if status in RESUMABLE)
            yield "        }"
        yield "    }"
    yield "    [*] --> STAGED: added"
    for (source, target), labels in _arrows().items():
        yield f"    {source} --> {target}: {', '.join(labels)}"


def _arrows() -> dict[tuple[str, str], list[str]]:
    """Return the labels of each arrow of the diagram."""
    rows: list[tuple[str, Transitions]] = [(spec.mutation, spec.transitions) for spec in ACTIONS.values()]
    rows += [(str(event), spec.transitions) for event, spec in EVENTS.items()]
    arrows: dict[tuple[str, str], list[str]] = {}
    for label, transitions in rows:
        for source, target in _leads(transitions):
            arrows.setdefault((source, target), []).append(label)
    for event, spec in EVENTS.items():
        if spec.without_seat is not None:
            for source, _ in _leads(spec.transitions):
                arrows.setdefault((source, str(spec.without_seat.status)), []).append(f"{event} without a seat")
    return arrows


def _leads(transitions: Transitions) -> list[tuple[str, str]]:
    """Return the arrows of one action or event, each as its source and its target.

    If all resumable statuses have the same target, their arrows become one arrow from the group RESUMABLE.
    """
    targets = {status: target for status in Status if (target := _target(transitions, status))}
    grouped = {targets.get(status) for status in RESUMABLE}
    is_group = len(grouped) == 1 and None not in grouped
    arrows = [
        ("RESUMABLE" if is_group and status in RESUMABLE else str(status), target) for status, target in targets.items()
    ]
    return list(dict.fromkeys(arrows))


def _target(transitions: Transitions, status: Status) -> str | None:
    cell = transitions[status]
    if cell is Effect.GONE:
        return "[*]"
    if cell is Effect.RESUME:
        return "RESUMABLE"
    return str(cell) if isinstance(cell, Status) and cell is not status else None
