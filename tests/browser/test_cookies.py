"""A frontend on another port of this machine keeps its session in a cookie, in a real browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from services.admin.demo import PASSWORD
from tests.browser.chromium import Page, page
from tests.support.processes.commands import Served, serving_demo, until

SIGN_IN = f"""mutation {{
  signIn(input: {{ login: "admin@acme.test", portalSlug: "acme", password: "{PASSWORD}" }}) {{
    session {{ refreshToken viewer {{ id }} }} errors {{ code }}
  }}
}}"""
REFRESH = "mutation { refreshSession(input: {}) { session { refreshToken viewer { id } } errors { code } } }"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture(scope="module")
def frontend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve an empty page, as the development server of a frontend does. Yield the port."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "index.html").write_text("<!doctype html><title>A frontend</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield pages.server_port
        pages.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""


def visit(browser: Page, host: str, port: int) -> None:
    """Open the page, or load it again if it is open already."""
    browser.run("window.isOld = true")
    browser.call("Page.navigate", url=f"http://{host}:{port}/")
    until(lambda: browser.run("document.readyState === 'complete' && !window.isOld"))
    assert browser.run("location.host") == f"{host}:{port}"


def ask(browser: Page, address: str, document: str) -> Any:
    """Send a document from the page, with cookies. Return the status and the body of the answer."""
    options = {
        "method": "POST",
        "credentials": "include",
        "headers": {"Content-Type": "application/json", "Gatehouse-Refresh": "cookie"},
        "body": json.dumps({"query": document}),
    }
    return browser.run(
        f"fetch({json.dumps(address)}, {json.dumps(options)}).then(async answer => [answer.status, await answer.json()])"
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_on_another_port_is_still_signed_in_when_loaded_again(
    browser: Page, demo: Served, frontend: int, host: str
) -> None:
    address = f"http://{host}:{demo.port}/graphql"

    visit(browser, host, frontend)
    _, signed_in = ask(browser, address, SIGN_IN)
    visit(browser, host, frontend)
    _, refreshed = ask(browser, address, REFRESH)

    session = signed_in["data"]["signIn"]["session"]
    assert session["refreshToken"] is None
    assert refreshed["data"]["refreshSession"] == {"session": session, "errors": []}
    assert "__Host-" not in browser.run("document.cookie")


@pytest.mark.parametrize(("host", "api"), [("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")])
def test_a_page_on_another_site_sees_in_the_console_that_the_cookie_is_refused(
    browser: Page, demo: Served, frontend: int, host: str, api: str
) -> None:
    visit(browser, host, frontend)
    browser.events.clear()

    status, answer = ask(browser, f"http://{api}:{demo.port}/graphql", SIGN_IN)

    assert status == 400
    assert f"http://{host}:{frontend} and http://{api}:{demo.port} are two sites" in answer["errors"][0]["message"]
    until(lambda: browser.all("Log.entryAdded"))
    (told,) = browser.all("Log.entryAdded")
    assert "the server responded with a status of 400" in told["entry"]["text"]
