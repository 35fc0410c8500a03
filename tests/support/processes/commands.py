"""Run the `gatehouse` command: in this process, as a server in its own process, or at a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from typer.testing import CliRunner, Result

from api.cli import cli
from api.settings.private_files import OTHERS
from tests.support.processes.forking import ForkedProcess, command_line

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-c", "from api.cli import main; main()")
MIGRATIONS = sorted(file.stem for file in (ROOT / "models" / "migrations").glob("0*.py"))
"""The names of all migrations, in order."""

PATIENCE = 60
"""The number of seconds after which a test stops waiting for an event and fails."""

SIGN_IN = """
mutation SignIn($login: String!, $password: String!, $slug: String) {
  signIn(input: { login: $login, password: $password, portalSlug: $slug }) {
    session { accessToken viewer { name } }
    blockers { code }
    errors { code message }
  }
}
"""


def environment(**settings: object) -> dict[str, str]:
    """Return the environment variables of this process. Gatehouse's settings are replaced by the given ones."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")}
    given = {f"GATEHOUSE_{name.upper()}": str(value) for name, value in settings.items()}
    return {**inherited, "COLUMNS": "80", "TERM": "dumb", "PYTHONPATH": str(ROOT), **given}


@dataclass
class Shell:
    """Runs commands of `gatehouse` with the given settings."""

    settings: dict[str, object]

    def __call__(self, *arguments: str, input: str | bytes | None = None, **settings: object) -> Result:
        """Run a command in this process. `settings` apply to this call only. An unexpected exception is raised."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("GATEHOUSE_")]:
                patch.delenv(name)
            for name, value in environment(**{**self.settings, **settings}).items():
                patch.setenv(name, value)
            before = os.umask(OTHERS)  # as `main` sets it
            try:
                return CliRunner().invoke(cli, arguments, input=input, catch_exceptions=False)
            finally:
                os.umask(before)
                structlog.reset_defaults()  # a command's process would end here

    @contextmanager
    def serving(self, folder: Path, *arguments: str) -> Iterator[Served]:
        """Start a server in its own process. If the process still runs at the end, it is killed."""
        output = folder / "output"
        process = ForkedProcess(
            command_line, "serve", "--port", "0", *arguments, env=environment(**self.settings), output=output
        )
        served = Served(process, output)
        try:
            until(lambda: "Stop with" in served.output or process.poll() is not None)
            yield served
        finally:
            process.kill()
            process.wait()


@contextmanager
def serving_demo(folder: Path) -> Iterator[Served]:
    """Start a server of a new SQLite database with the demo, with its data in `folder`."""
    shell = Shell({"data_dir": folder / "data"})
    shell("migrate")
    shell("demo")
    with shell.serving(folder) as served:
        yield served


@dataclass
class Served:
    process: subprocess.Popen[bytes] | ForkedProcess
    file: Path

    @property
    def output(self) -> str:
        """Return everything that the server has printed and logged so far."""
        return self.file.read_text()

    @property
    def address(self) -> str:
        """The URL at which the server serves GraphQL."""
        found = re.search(r"http://\S+/graphql", self.output)
        assert found, f"It does not serve:\n{self.output}"
        return found[0]

    @property
    def port(self) -> int:
        return httpx.URL(self.address).port or 0

    def ask(self, document: str, token: str | None = None, **variables: object) -> Any:
        """Return the data of an answer. An answer with errors fails the test."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = httpx.post(
            self.address, json={"query": document, "variables": variables}, headers=headers, timeout=PATIENCE
        )
        body = response.json()
        assert "errors" not in body, body
        return body["data"]

    def sign_in(self, login: str, password: str, slug: str | None = None) -> Any:
        """Sign in, and return the payload of signIn."""
        return self.ask(SIGN_IN, login=login, password=password, slug=slug)["signIn"]

    def token(self, login: str, password: str, slug: str | None = None) -> str:
        return str(self.sign_in(login, password, slug)["session"]["accessToken"])

    def stop(self, wish: signal.Signals) -> int:
        """Send the signal to the process, wait for its end, and return its exit code."""
        self.process.send_signal(wish)
        return self.process.wait(PATIENCE)


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition is true. Fail if it is still false after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "This was waited for in vain."
        time.sleep(0.02)


def at_a_terminal(command: Sequence[str], typed: dict[str, str], env: dict[str, str]) -> tuple[int, str]:
    """Run a command at a terminal. Return the exit code and the text on the screen.

    `typed` maps questions to answers. Whenever the terminal shows a question, its answer is typed.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    screen, answered = "", 0
    while select.select([ours], [], [], PATIENCE)[0]:
        try:
            screen += os.read(ours, 4096).decode()
        except OSError:  # Linux's word for: the other end is closed
            break
        for question, answer in typed.items():
            if question in screen[answered:]:
                answered = len(screen)
                os.write(ours, f"{answer}\n".encode())
    os.close(ours)
    return process.wait(PATIENCE), screen.replace("\r\n", "\n")
