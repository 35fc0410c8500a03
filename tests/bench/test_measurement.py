"""The benchmark's table: medians of the rounds, and ratios."""

from __future__ import annotations

from tests.bench.measurement import HEAD, RULE, Measurement, table


def test_a_row_shows_the_medians_their_ratio_and_the_span_of_the_rounds() -> None:
    row = Measurement("users page", "PostgreSQL", "ms of CPU", (0.5, 0.6, 0.9), "a peer", (1.0, 1.5, 1.2))

    lines = list(table([row]))

    assert lines == [HEAD, RULE, "| users page | PostgreSQL | ms of CPU | 0.60 | a peer | 1.20 | 0.50 | 0.40 to 0.75 |"]


def test_a_row_without_a_reference_shows_its_value_only() -> None:
    row = Measurement("signIn", "SQLite", "requests/s", (1234.5,))

    assert list(table([row]))[2:] == ["| signIn | SQLite | requests/s | 1,234 |  |  |  |  |"]
