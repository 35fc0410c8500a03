"""Start processes of Gatehouse by forking one that has imported its modules: importing takes two seconds of CPU.

A test whose subject is the start itself, or what is imported, starts an ordinary process instead (COMMAND).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

PRELOADED = ("api.cli", "api.server", "tests.support.processes.forking")
"""The modules that are imported before the fork. None of them reads a setting, opens a database or starts a thread."""

TERMINAL = {"COLUMNS": "80", "TERM": "dumb"}
"""The environment variables that modules with terminal output read when they are imported."""


class ForkedProcess:
    """A process that runs `target(*arguments)`. The methods are those of `subprocess.Popen`.

    `env` is the environment. Standard output and standard error go to the file `output`, or are dropped. The process
    ends with the code of SystemExit, or with 0.
    """

    def __init__(
        self, target: Callable[..., None], *arguments: Any, env: dict[str, str], output: Path | None = None
    ) -> None:
        if output:
            output.write_bytes(b"")  # a test reads the file before the process has begun to write
        started = _context().Process(target=_run, args=(target, arguments, env, output))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in TERMINAL.items():
                patch.setenv(name, value)
            started.start()
        assert started.pid is not None  # it has begun
        self._process = started
        self.pid = started.pid

    def poll(self) -> int | None:
        """Return the exit code, or None if the process runs. The code of a process that a signal ended is negative."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code. Raise TimeoutExpired after `timeout` seconds."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("gatehouse", timeout or 0)
        return code

    def send_signal(self, wish: signal.Signals) -> None:
        """Send the signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, wish)

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        self.send_signal(signal.SIGKILL)


def command_line(*arguments: str) -> None:
    """Run the `gatehouse` command with these arguments."""
    from api.cli import main

    sys.argv = ["gatehouse", *arguments]
    main()


@cache
def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    return context


def _run(target: Callable[..., None], arguments: tuple[Any, ...], env: dict[str, str], output: Path | None) -> None:
    os.environ.clear()
    os.environ.update(env)
    written = os.open(output or os.devnull, os.O_WRONLY | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(written, standard)
    target(*arguments)
