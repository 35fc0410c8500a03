"""A checkpoint is a line of text that can be found again in any log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from rules.audit.chain import ChainPlace
from rules.audit.checkpoints import Checkpoint, checkpoints_in, signed_text

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PLACE = ChainPlace(17, "0a" * 32)
GIVEN = Checkpoint(UUID(int=1), PLACE, AT, "k" * 43, "s" * 86)


def test_the_signed_text_stays_as_it_was_released() -> None:
    assert signed_text(UUID(int=1), PLACE, AT) == (
        "audit-checkpoint 1 chain=00000000-0000-0000-0000-000000000001 sequence=17"
        f" hash={'0a' * 32} at=2026-03-01T09:00:00.000000Z"
    )


def test_the_signed_text_does_not_depend_on_the_time_zone() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=-7)))

    assert signed_text(UUID(int=1), PLACE, elsewhere) == signed_text(UUID(int=1), PLACE, AT)


@pytest.mark.parametrize(
    "log", ["{0}", '{{"event": "security.audit_checkpoint", "what": "{0}"}}', "x {0} y", "{0}\n{0}"]
)
def test_a_line_is_found_in_any_text(log: str) -> None:
    found = [*checkpoints_in(log.format(GIVEN.line))]

    assert found == [GIVEN] * log.count("{0}")


@pytest.mark.parametrize(
    "line",
    [
        "",
        GIVEN.text,
        GIVEN.line.replace("audit-checkpoint 1", "audit-checkpoint 2"),
        GIVEN.line.replace("2026-03-01", "2026-13-01"),
        GIVEN.line.replace("00000000-0000-0000-0000-000000000001", "-" * 36),
        GIVEN.line[:-1],
    ],
)
def test_what_is_no_checkpoint_is_left_out(line: str) -> None:
    assert [*checkpoints_in(line)] == []
