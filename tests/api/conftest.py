"""What the edge's tests can ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs


@pytest.fixture
def silence(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What clients do wrong is theirs to know: nothing of it is logged or printed."""
    with capture_logs() as logs:
        yield
    assert logs == []
    assert [record for record in caplog.records if record.name != "httpx"] == []
    assert capfd.readouterr() == ("", "")
