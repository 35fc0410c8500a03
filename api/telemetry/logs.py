"""The configuration of logging. Lines of Gatehouse and of libraries go to standard error in one format."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

from api.core.exceptions import trace_of
from api.core.request_record import FileRecord, RequestRecord

_ADDRESS = re.compile(r"""([^\s@<>\\"'/:,;=(\[])[^\s@<>\\"/,;=(\[]{0,254}@(?=\w)""")
"""A pattern that matches an e-mail address up to the @, or the user and password of a URL."""

Line = MutableMapping[str, Any]

_requests = logging.getLogger(__name__)
"""The logger that `log_request` writes to.

It has the name that structlog would give it: the name of this module.
"""

_EVERY_LINE = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(*, for_people: bool) -> None:
    """Configure the log of a server: JSON from level info on.

    `for_people` gives text instead, with warnings and errors only.
    """
    renderer = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_EVERY_LINE, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_EVERY_LINE,
            processors=[ProcessorFormatter.remove_processors_meta, place_of_exception, without_addresses, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=_level(for_people=for_people), force=True)


def configure_for_command(*, for_people: bool) -> None:
    """Configure the log of a command: JSON from level info on, and only lines of Gatehouse.

    `for_people` gives text instead, with warnings and errors only. The log goes to standard error, because standard
    output has the command's results.
    """
    renderer = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*_EVERY_LINE, place_of_exception, without_addresses, renderer],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(_level(for_people=for_people)),
    )


def _level(*, for_people: bool) -> int:
    return logging.WARNING if for_people else logging.INFO


def log_request(answered: RequestRecord) -> None:
    """Write the log line of an answered GraphQL request, at level INFO.

    The line holds the request's id, the operation's name and kind, the outcome, the duration in milliseconds, and the
    refusals if there are any.
    """
    if not _requests.isEnabledFor(logging.INFO):
        return  # structlog would build the line before it looks at the level
    structlog.get_logger().info(
        "request.completed",
        request_id=answered.request_id,
        operation_name=answered.operation_name,
        kind=answered.kind,
        outcome=answered.outcome,
        milliseconds=round(answered.seconds * 1000, 1),
        **({"refusals": [f"{field}:{code}" for field, code in answered.refusals]} if answered.refusals else {}),
    )


def log_file(answered: FileRecord) -> None:
    """Write the log line of an answered request of a CSV file, at level INFO."""
    structlog.get_logger().info(
        "csv.completed",
        request_id=answered.request_id,
        route=answered.route,
        outcome=answered.outcome,
        rows=answered.rows,
        milliseconds=round(answered.seconds * 1000, 1),
    )


def place_of_exception(_: object, __: str, line: Line) -> Line:
    """Replace the exception of a log line by its class and frames. Its message could quote a client's input."""
    given = line.pop("exc_info", None)
    exception = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(exception, BaseException):
        line.update(trace_of(exception))
    return line


def without_addresses(_: object, __: str, line: Line) -> Line:
    """Mask e-mail addresses in a log line, as in a…@example.com. Lines of libraries can contain addresses."""
    return {name: _masked(value) for name, value in line.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub(r"\1…@", value) if "@" in value else value
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
