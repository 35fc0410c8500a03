"""Control a headless Chromium by the DevTools protocol, over two pipes. Each message is JSON and ends with a NUL byte.

Events wait in the pipe until the next call reads them. No thread runs beside the test.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.processes.commands import PATIENCE

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--window-size=1600,1000",
    "--remote-debugging-pipe",
)

START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""A Python program that becomes Chromium. Its first two arguments are the file descriptors of two pipes.

Chromium gets the pipes as the descriptors 3 (commands) and 4 (answers and events).
"""

CHANNELS = ("Network", "Runtime", "Log")


class Event(NamedTuple):
    name: str
    told: dict[str, Any]


class ScriptFailed(Exception):
    """Raised if a script in the page raises an exception or cannot be run."""


def found() -> str | None:
    """Return the path of Chromium, or None if Chromium is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def page(folder: Path) -> Iterator[Page]:
    """Start Chromium and yield an empty page. `folder` gets its profile and log. At the end, Chromium is killed."""
    program = found()
    assert program, "There is no Chromium here."
    theirs_to_read, ours_to_write = os.pipe()
    ours_to_read, theirs_to_write = os.pipe()
    theirs = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (theirs_to_read, theirs_to_write)]
    with (folder / "chromium.log").open("wb") as log:
        chromium = subprocess.Popen(
            [sys.executable, "-c", START, *map(str, theirs), program, *FLAGS, f"--user-data-dir={folder / 'profile'}"],
            pass_fds=theirs,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    for end in (*theirs, theirs_to_read, theirs_to_write):
        os.close(end)
    try:
        yield Page(ours_to_read, ours_to_write)
    finally:
        chromium.kill()
        chromium.wait()
        os.close(ours_to_read)
        os.close(ours_to_write)


class Page:
    """A page of Chromium, with its workers. `events` has all events that have been read so far."""

    def __init__(self, read: int, write: int) -> None:
        self._read = read
        self._write = write
        self._ids = count(1)
        self._unread = b""
        self._answers: dict[int, dict[str, Any]] = {}
        self.events: list[Event] = []
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = str(self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for channel in (*CHANNELS, "Page", "Audits"):
            self.call(f"{channel}.enable")
        # A worker waits until its network is listened to.
        self.call("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and return its result. An error fails the test."""
        id = self._send(method, parameters, self._session)
        deadline = time.monotonic() + PATIENCE
        while id not in self._answers:
            self._take(deadline)
        answer = self._answers.pop(id)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return dict(answer["result"])

    def run(self, script: str) -> Any:
        """Evaluate a JavaScript expression, await a promise, and return the value. Raise ScriptFailed if the script
        throws.
        """
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise ScriptFailed(result["exceptionDetails"].get("exception", {}).get("description", script))
        return result["result"].get("value")

    def all(self, name: str) -> list[dict[str, Any]]:
        """Return the parameters of all received DevTools events with this name, oldest first."""
        self.run("0")
        return [event.told for event in self.events if event.name == name]

    def click(self, selector: str) -> None:
        """Click the middle of the first element that matches the CSS selector."""
        x, y = self.run(
            f"(box => [box.x + box.width / 2, box.y + box.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str, code: int, *, control: bool = False) -> None:
        """Press and release a key. `code` is the Windows key code, which browsers use on every system."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code="Space" if key == " " else key,
                windowsVirtualKeyCode=code,
                modifiers=2 if control else 0,
            )

    def type(self, text: str) -> None:
        """Type the text at the cursor."""
        for character in text:
            self.call("Input.dispatchKeyEvent", type="char", text=character)

    def take_screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        id = next(self._ids)
        message = {"id": id, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        unsent = json.dumps(message).encode() + b"\0"
        while unsent:
            unsent = unsent[os.write(self._write, unsent) :]
        return id

    def _take(self, deadline: float) -> None:
        """Read from the pipe, and sort complete messages into answers and events. Fail the test after `deadline`."""
        ready, _, _ = select.select([self._read], [], [], max(0, deadline - time.monotonic()))
        assert ready, "Chromium does not answer."
        came = os.read(self._read, 1 << 20)
        assert came, "Chromium has ended."
        *whole, self._unread = (self._unread + came).split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self._answers[message["id"]] = message
                continue
            self.events.append(Event(message["method"], message["params"]))
            if message["method"] == "Target.attachedToTarget" and self._session is not None:
                for method in (*(f"{channel}.enable" for channel in CHANNELS), "Runtime.runIfWaitingForDebugger"):
                    self._send(method, {}, message["params"]["sessionId"])
