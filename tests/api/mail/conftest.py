"""Fixtures that the tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.mail.smtp import MailServer, mail_server


@pytest_asyncio.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running
