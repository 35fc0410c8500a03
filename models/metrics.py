"""Metrics for the operator: sums over all providers, which reveal nothing about a single tenant."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from models.db.rows import RowMapper
from models.db.sql import fetch, sql
from models.licenses import runs_at
from models.mail.table import MailState
from rules.lifecycle.licenses import SeatMode


class Totals(NamedTuple):
    """The values of the metrics. Seats of UNLIMITED portals are not included."""

    queued: int
    oldest_queued: datetime | None
    dead: int
    seats_used: int
    seats_total: int
    housekept_at: datetime | None
    """When the housekeeping task that has waited longest last succeeded. None if no task is registered.

    For a task that never succeeded, the time of its registration counts.
    """


TOTALS = RowMapper(
    Totals,
    queued="b.queued",
    oldest_queued="b.oldest_queued",
    dead="d.dead",
    seats_used="s.seats_used",
    seats_total="t.seats_total",
    housekept_at="h.housekept_at",
)


async def totals(at: datetime) -> Totals:
    """Return the totals at `at`. The function runs one statement, which does not read the users."""
    rows = await fetch(
        f"SELECT {TOTALS.columns} FROM "
        + sql(
            "(SELECT COUNT(*) AS queued, MIN(m.created_at) AS oldest_queued FROM outbox_mail m WHERE m.state = ?) b,",
            MailState.QUEUED,
        )
        + sql(" (SELECT COUNT(*) AS dead FROM outbox_mail m WHERE m.state = ?) d,", MailState.DEAD)
        + sql(
            " (SELECT COALESCE(SUM(p.seats_used), 0) AS seats_used FROM portal p WHERE p.seat_mode <> ?) s,",
            SeatMode.UNLIMITED,
        )
        + " (SELECT COALESCE(SUM(l.seats), 0) AS seats_total FROM license_package l JOIN portal p ON p.id = l.portal_id WHERE "
        + sql("p.seat_mode <> ? AND ", SeatMode.UNLIMITED)
        + runs_at(at)
        + ") t, "
        + "(SELECT MIN(COALESCE(k.succeeded_at, k.known_since)) AS housekept_at FROM housekeeping_task k) h"
    )
    return TOTALS.read(rows)[0]
