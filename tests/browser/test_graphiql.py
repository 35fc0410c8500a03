"""GraphiQL in a real browser: without a network, under its content security policy, with its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.chromium import Page, page
from tests.support.processes.commands import Served, serving_demo, until

EXAMPLES = ["TilesAndList", "FindAPerson", "DeactivateUsers", "PreviewAndRun", "OperationsAgain", "AuditLog"]

TABS = "[...document.querySelectorAll('.graphiql-tab-button')].map(tab => tab.textContent.trim())"
SUGGESTIONS = "[...document.querySelectorAll('.suggest-widget.visible .monaco-list-row')].map(row => row.ariaLabel)"
REMEMBERED = "JSON.parse(localStorage.getItem('gatehouse:graphiql:tabState'))?.activeTabIndex"
SHOWN = "document.querySelector('.graphiql-response')?.textContent ?? ''"
VARIABLES = "document.querySelector('.graphiql-editor-tool .view-lines')?.textContent ?? ''"
DOCUMENTATION = "document.querySelector('.graphiql-doc-explorer')?.textContent ?? ''"

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Served]:
    with serving_demo(tmp_path) as served:
        yield served


@pytest.fixture
def graphiql(demo: Served, tmp_path: Path) -> Iterator[Page]:
    """Yield the page GraphiQL in a browser without stored data, after the page shows its examples."""
    with page(tmp_path) as opened:
        opened.call("Page.navigate", url=demo.address)
        until(lambda: opened.run("document.querySelectorAll('.graphiql-tab-button').length") > 1)
        until(lambda: opened.run("document.querySelector('.graphiql-query-editor .view-line')?.textContent"))
        until(lambda: any("IntrospectionQuery" in body for body, _ in posted(opened)))
        yield opened


def posted(graphiql: Page) -> list[tuple[str, str]]:
    """Return each POST that has been answered completely, as its body and the request id of the DevTools protocol."""
    finished = {told["requestId"] for told in graphiql.all("Network.loadingFinished")}
    return [
        (told["request"].get("postData", ""), told["requestId"])
        for told in graphiql.all("Network.requestWillBeSent")
        if told["request"]["method"] == "POST" and told["requestId"] in finished
    ]


def open_tab(graphiql: Page, name: str) -> None:
    place = graphiql.run(TABS).index(name)
    graphiql.click(f".graphiql-tab:nth-of-type({place + 1}) .graphiql-tab-button")
    # The tab's variables are there a moment later; 500 ms later GraphiQL remembers which tab is open.
    until(lambda: graphiql.run(REMEMBERED) == place)


def play(graphiql: Page, name: str) -> Any:
    """Click the play button, and return the answer to the operation `name` when GraphiQL shows the answer."""
    before = set(sent(graphiql, name))
    graphiql.click(".graphiql-execute-button")
    until(lambda: set(sent(graphiql, name)) - before)
    (id,) = set(sent(graphiql, name)) - before
    until(lambda: '"data"' in graphiql.run(SHOWN))
    return json.loads(graphiql.call("Network.getResponseBody", requestId=id)["body"])


def sent(graphiql: Page, name: str) -> dict[str, dict[str, Any]]:
    """Return the bodies of the requests with the operation `name`, by request id."""
    bodies = {id: json.loads(body) for body, id in posted(graphiql) if body}
    return {id: body for id, body in bodies.items() if f" {name}" in body["query"]}


def refused_by_policy(graphiql: Page) -> list[Any]:
    issues = [told["issue"] for told in graphiql.all("Audits.issueAdded")]
    return [issue["details"] for issue in issues if issue["code"] == "ContentSecurityPolicyIssue"]


def complaints(graphiql: Page) -> list[Any]:
    """Return the errors in the browser's console, and the exceptions of scripts."""
    entries = [told["entry"] for told in graphiql.all("Log.entryAdded")]
    printed = [told for told in graphiql.all("Runtime.consoleAPICalled") if told["type"] in ("error", "assert")]
    thrown = graphiql.all("Runtime.exceptionThrown")
    return [*(entry for entry in entries if entry["level"] == "error"), *printed, *thrown]


def test_every_example_runs_at_the_first_press_and_nothing_leaves_the_origin(
    graphiql: Page, demo: Served, tmp_path: Path
) -> None:
    tabs = graphiql.run(TABS)

    answers = {}
    for name in EXAMPLES:
        open_tab(graphiql, name)
        answers[name] = play(graphiql, name)
    graphiql.take_screenshot(tmp_path / "graphiql.png")

    assert tabs == EXAMPLES
    assert [name for name, answer in answers.items() if "errors" in answer] == []
    assert answers["DeactivateUsers"]["data"]["deactivateUsers"]["summary"]["succeeded"] == 2
    assert answers["DeactivateUsers"]["data"]["deactivateUsers"]["errors"] == []
    preview = answers["PreviewAndRun"]["data"]["unlockUsers"]
    assert (preview["operation"]["state"], preview["errors"]) == ("PREVIEW", [])
    assert preview["summary"]["succeeded"] > 0
    assert answers["OperationsAgain"]["data"]["bulkOperations"]["totalCount"] > 0
    asked = {told["request"]["url"] for told in graphiql.all("Network.requestWillBeSent")}
    origin = httpx.URL(demo.address).copy_with(path="/")
    assert {url for url in asked if not url.startswith((str(origin), "data:", "about:"))} == set()
    assert any(".worker-" in url for url in asked)
    assert (refused_by_policy(graphiql), complaints(graphiql)) == ([], [])
    assert (tmp_path / "graphiql.png").stat().st_size > 10_000


def test_a_preview_is_run_in_the_way_its_comment_tells(graphiql: Page, tmp_path: Path) -> None:
    open_tab(graphiql, "PreviewAndRun")
    preview = play(graphiql, "PreviewAndRun")["data"]["unlockUsers"]

    graphiql.click(".graphiql-editor-tool .view-lines")
    graphiql.press("a", 65, control=True)
    graphiql.call(
        "Input.insertText", text=json.dumps({"users": {"previewId": preview["operation"]["id"]}, "dryRun": False})
    )
    for _ in range(4):  # what the editor added: it closes brackets and quotes by itself
        graphiql.press("Delete", 46)
    until(lambda: graphiql.run(VARIABLES).endswith("false}"))
    run = play(graphiql, "PreviewAndRun")["data"]["unlockUsers"]

    graphiql.take_screenshot(tmp_path / "run.png")
    assert (run["errors"], run["summary"]) == ([], preview["summary"])
    assert run["operation"]["state"] != "PREVIEW"
    assert [each["label"] for each in run["outcomes"]] == [each["label"] for each in preview["outcomes"]]
    assert (refused_by_policy(graphiql), complaints(graphiql)) == ([], [])


def test_play_pressed_at_once_after_a_change_of_tabs_sends_that_tab(graphiql: Page) -> None:
    open_tab(graphiql, "AuditLog")

    graphiql.click(".graphiql-tab:nth-of-type(1) .graphiql-tab-button")
    answer = play(graphiql, "TilesAndList")

    assert "errors" not in answer
    assert "operationName" not in next(iter(sent(graphiql, "TilesAndList").values()))


def test_a_request_to_elsewhere_is_refused_by_the_policy(graphiql: Page) -> None:
    graphiql.run("fetch('http://127.0.0.2/').catch(() => null)")

    until(lambda: refused_by_policy(graphiql))

    assert "connect-src" in str(refused_by_policy(graphiql))
    assert complaints(graphiql)


def test_while_one_types_the_fields_that_fit_are_suggested(graphiql: Page) -> None:
    graphiql.click(".graphiql-query-editor .view-line:nth-of-type(3)")
    graphiql.press("End", 35)
    graphiql.press("Enter", 13)

    def suggested() -> list[str]:
        graphiql.press("Escape", 27)
        graphiql.press(" ", 32, control=True)
        until(lambda: graphiql.run(SUGGESTIONS))
        return list(graphiql.run(SUGGESTIONS))

    # Until the editor's worker has read the schema, the editor suggests words of the document.
    until(lambda: any(re.match("auditLog|users|portals|viewer", label) for label in suggested()))

    assert (refused_by_policy(graphiql), complaints(graphiql)) == ([], [])


def test_the_documentation_is_read_beside_the_editor(graphiql: Page) -> None:
    graphiql.click('[aria-label="Show Documentation Explorer"]')
    until(lambda: "Query" in graphiql.run(DOCUMENTATION))

    graphiql.click(".graphiql-doc-explorer .graphiql-doc-explorer-type-name")
    until(lambda: "licenseTiles" in graphiql.run(DOCUMENTATION))

    assert "Read access." in graphiql.run(DOCUMENTATION)
    assert (refused_by_policy(graphiql), complaints(graphiql)) == ([], [])


def test_the_schema_is_asked_which_inputs_want_exactly_one_field(graphiql: Page) -> None:
    (answer,) = [id for body, id in posted(graphiql) if "IntrospectionQuery" in body and "isOneOf" in body]

    types = json.loads(graphiql.call("Network.getResponseBody", requestId=answer)["body"])["data"]["__schema"]["types"]

    assert {each["name"]: each["isOneOf"] for each in types}["UserSelection"] is True
