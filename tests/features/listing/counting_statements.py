"""Counting the SQL statements of a request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class Statements(logging.Handler):
    """What is sent to the database, begun and ended transactions left out."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            self.texts.append(text)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of the body, from Tortoise's log, which has each."""
    logger, handler = logging.getLogger("tortoise.db_client"), Statements()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler.texts
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
