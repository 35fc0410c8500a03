"""The rows of the benchmark's table, and the contract of the functions that measure them.

A part of the benchmark is a function `measure(site: Site, effort: Effort) -> Iterator[Measurement]` in `parts/`, and a
row of PARTS in `__main__.py`. The function does the following:

- It checks each request's answer once before it measures the request.
- In each round, it measures all sides of a comparison in turn.
- It yields one Measurement for each row of the table.

`tests/bench/site.py` has Site, a server over a copy of the data. If a part changes this copy, later parts see the
change.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.load import Figure

HEAD = "| measured | database | unit | value | compared with | its value | ratio | of the rounds |"
RULE = "|---|---|---|--:|---|--:|--:|--:|"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    - `rounds`, `seconds`: each request is measured in this number of rounds, each of this duration.
    - `connections`: the number of connections that send reads at the same time.
    - `portals`, `users`: the size of the data. The portal `load-1` has half of the users. The others have equal parts.
    - `requests`: the length of a measurement that counts requests instead of seconds.
    - `pinned`: whether the server has a core of its own.
    - `peers`: whether servers that npm installs are measured too.
    """

    rounds: int = 6
    seconds: float = 2.0
    connections: int = 4
    portals: int = 51
    users: int = 200_000
    requests: int = 100_000
    pinned: bool = True
    peers: bool = True

    @property
    def users_of_a_small_portal(self) -> int:
        """Return the number of users in each portal but the first."""
        return self.users // 2 // (self.portals - 1)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table: the `values` of `subject` in `unit`, one value for each round.

    `references` holds the values of `reference` in the same rounds. It is empty if the row has no reference. `unit`
    says what a value is: "ms of CPU", "requests/s", "MB".
    """

    subject: str
    database: str
    unit: str
    values: tuple[float, ...]
    reference: str = ""
    references: tuple[float, ...] = ()

    @property
    def value(self) -> float:
        """Return the median of the values over all rounds."""
        return statistics.median(self.values)

    @property
    def ratio(self) -> float | None:
        """Return the median divided by the median of the reference, or None without a reference."""
        return self.value / statistics.median(self.references) if self.references else None

    @property
    def ratios(self) -> list[float]:
        """Return the ratio of each round to the reference, the lowest first."""
        return sorted(value / reference for value, reference in zip(self.values, self.references, strict=False))


Measure = Callable[[], Figure]


def in_rounds(measures: Mapping[str, Measure], effort: Effort) -> dict[str, list[Figure]]:
    """Call each measure once in every round. Return the figures by name, one for each round.

    Each round begins with another measure than the round before.
    """
    names = list(measures)
    found: dict[str, list[Figure]] = {name: [] for name in names}
    for number in range(effort.rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(measures[name]())
    return found


def compared(
    subject: str, database: str, figures: Sequence[Figure], reference: str = "", references: Sequence[Figure] = ()
) -> Iterator[Measurement]:
    """Yield two rows: the server's CPU per request, and the requests per second.

    The first row is left out on systems that do not report CPU time.
    """
    cpu, others = _microseconds(figures), _microseconds(references)
    if cpu:
        yield Measurement(subject, database, "µs of CPU", cpu, reference, others)
    pace, paces = (tuple(figure.per_second for figure in each) for each in (figures, references))
    yield Measurement(subject, database, "requests/s", pace, reference, paces)


def _microseconds(figures: Sequence[Figure]) -> tuple[float, ...]:
    return tuple(figure.cpu * 1000 for figure in figures if figure.cpu is not None)


def table(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield from (HEAD, RULE)
    yield from map(row, measurements)


def row(measurement: Measurement) -> str:
    """Return the measurement as one line of the Markdown table of results."""
    cells = [measurement.subject, measurement.database, measurement.unit, figure(measurement.value), "", "", "", ""]
    if measurement.ratio is not None:
        rounds = f"{measurement.ratios[0]:.2f} to {measurement.ratios[-1]:.2f}"
        reference = figure(statistics.median(measurement.references))
        cells[4:] = [measurement.reference, reference, f"{measurement.ratio:.2f}", rounds]
    return f"| {' | '.join(cells)} |"


def figure(value: float) -> str:
    """Return the number as text, with at least three significant digits and a separator between thousands."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
