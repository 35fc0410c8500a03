"""Fixtures that the tests of api/ share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

TOLD = {"event", "log_level", "request_id", "operation_name", "kind", "outcome", "milliseconds", "refusals"}
"""The fields that the log line of a request can have."""

TOLD_OF_SECURITY = {
    "event",
    "log_level",
    "request_id",
    "what",
    "account_id",
    "portal_id",
    "mssp_id",
    "session_id",
    "network",
}
"""The fields that the log line of a security event can have."""


@pytest.fixture
def silence(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that the test logs only requests and security events, and nothing of what clients have sent."""
    with capture_logs() as logs:
        yield
    security = [line for line in logs if line["event"].startswith("security.")]
    others = [line for line in logs if line not in security]
    assert [line for line in others if (line["event"], line["log_level"]) != ("request.completed", "info")] == []
    assert all(set(line) <= TOLD for line in others)
    assert all(set(line) <= TOLD_OF_SECURITY for line in security)
    assert [record for record in caplog.records if record.name != "httpx"] == []
    assert capfd.readouterr() == ("", "")
