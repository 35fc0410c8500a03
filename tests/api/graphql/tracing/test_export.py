"""The export of spans to a collector, and the packages that are imported for it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from api import app as server
from api.graphql.tracing import PACKAGES, tracer_provider
from api.settings.settings import Settings
from tests.api.graphql.tracing.canary import SECRET
from tests.support.processes.commands import COMMAND, Shell, environment

# ── on and off ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_off_unless_it_is_asked_for() -> None:
    settings = Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more"))

    assert tracer_provider(settings.tracing) is None
    assert len(server.schema(introspection=True).extensions) == 1


def test_when_it_is_off_nothing_of_opentelemetry_is_loaded() -> None:
    script = "import sys, api.cli; from api import app; app.schema(introspection=True); print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", script], env=environment(), stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()

    assert [name for name in loaded if name.split(".")[0] == "opentelemetry"] == []


def test_opentelemetrys_own_variables_name_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "gate-3")
    settings = Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more"), tracing="otlp")

    provider = tracer_provider(settings.tracing)

    assert provider is not None
    assert provider.resource.attributes["service.name"] == "gate-3"
    provider.shutdown()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Run a server on a free port that receives spans."""
    collector = Collector()
    thread = threading.Thread(target=collector.serve_forever)
    thread.start()
    yield collector
    collector.shutdown()
    collector.server_close()
    thread.join()


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[tuple[str, bytes]] = []


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.taken.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Write no log."""


def test_a_server_sends_its_spans_and_at_its_end_those_that_are_left(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    shell = Shell({"data_dir": tmp_path / "data", "tracing": "otlp"})
    shell("migrate")

    with shell.serving(tmp_path) as served:
        served.sign_in("ada@example.com", SECRET)
        exit_code = served.stop(signal.SIGTERM)

    assert exit_code == 0
    assert {path for path, _ in collector.taken} == {"/v1/traces"}
    sent = b"".join(body for _, body in collector.taken)
    assert all(word in sent for word in (b"mutation SignIn", b"Mutation.signIn", b"gatehouse"))
    assert SECRET.encode() not in sent
    assert b"ada@" not in sent


def test_without_its_packages_the_server_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ModuleNotFoundError('no such package', name='opentelemetry')")
    env = environment(data_dir=tmp_path / "data", tracing="otlp")
    subprocess.run([*COMMAND, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)

    ended = subprocess.run(
        [*COMMAND, "serve"],
        env=env | {"PYTHONPATH": f"{tmp_path}:{env['PYTHONPATH']}"},
        capture_output=True,
        text=True,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"GATEHOUSE_TRACING=otlp needs packages that are not installed: pip install {' '.join(PACKAGES)}\n"
    )
