"""The parts of an exception that are safe to log: its class and its frames. Its message is never logged."""

from __future__ import annotations

import traceback
from typing import TypedDict

MOST_FRAMES = 40


class Trace(TypedDict):
    """The fields of a log line that describe an exception."""

    exception: str
    frames: list[str]


def trace_of(exception: BaseException) -> Trace:
    """Return the fields that describe `exception` in a log line."""
    return Trace(exception=kind_of(exception), frames=frames_of(exception))


def kind_of(exception: BaseException) -> str:
    """Return the exception's class as `module.name`."""
    return f"{type(exception).__module__}.{type(exception).__qualname__}"


def frames_of(exception: BaseException) -> list[str]:
    """Return the innermost frames of the exception's traceback, at most MOST_FRAMES.

    A frame is text of the form `path/file.py:12 function`.
    """
    # Messages, local variables and documents (which str(GraphQLError) includes) may hold secrets.
    summary = traceback.extract_tb(exception.__traceback__, limit=-MOST_FRAMES)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in summary]
