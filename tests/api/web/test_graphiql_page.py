"""The GraphiQL page: its content security policy, its assets, and the page that is used without a build."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from graphql import OperationDefinitionNode, parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.core.graphiql_build import FOLDER
from api.web.graphiql_page import CDN, GraphiQLPage

BUILT_HTML = '<!doctype html><script type="module" src="graphiql/assets/index-1a2b.js"></script>'

Browse = Callable[[GraphiQLPage], httpx.AsyncClient]


@pytest.fixture
def browse() -> Browse:
    """Return a function that makes a client of a server with the given GraphiQL page."""

    def client(page: GraphiQLPage) -> httpx.AsyncClient:
        async def endpoint(request: Request) -> Response:
            return await page(request)

        app = Starlette(routes=[Route("/graphql", endpoint), *page.routes])
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gatehouse.test")

    return client


@pytest.fixture
def built(tmp_path: Path) -> GraphiQLPage:
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text(BUILT_HTML)
    (assets / "index-1a2b.js").write_text("export {};")
    return GraphiQLPage(tmp_path)


@pytest.fixture
def unbuilt(tmp_path: Path) -> GraphiQLPage:
    shutil.copytree(FOLDER / "src", tmp_path / "src")
    shutil.copy(FOLDER / "cdn.html", tmp_path)
    return GraphiQLPage(tmp_path)


def policy(response: httpx.Response) -> dict[str, str]:
    directives = (line.partition(" ") for line in response.headers["content-security-policy"].split("; "))
    return {name: sources for name, _, sources in directives}


async def test_the_built_page_may_load_nothing_from_elsewhere(built: GraphiQLPage, browse: Browse) -> None:
    async with browse(built) as client:
        answer = await client.get("/graphql", headers={"Accept": "text/html"})

    assert built.is_built
    assert answer.text == BUILT_HTML
    assert policy(answer) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


async def test_the_page_is_html_that_is_neither_framed_nor_sniffed_nor_kept(
    built: GraphiQLPage, browse: Browse
) -> None:
    async with browse(built) as client:
        answer = await client.get("/graphql")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept"


async def test_an_asset_named_by_its_content_is_kept_for_ever(built: GraphiQLPage, browse: Browse) -> None:
    async with browse(built) as client:
        page = await client.get("/graphql")
        address = re.findall(r'src="([^"]+)"', page.text)[0]
        asset = await client.get(str(page.url.join(address)))
        again = await client.get(str(page.url.join(address)), headers={"If-None-Match": asset.headers["etag"]})

    assert asset.status_code == 200
    assert "javascript" in asset.headers["content-type"]
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["x-content-type-options"] == "nosniff"
    assert again.status_code == 304


async def test_a_worker_may_load_scripts_of_ours_and_nothing_else(built: GraphiQLPage, browse: Browse) -> None:
    async with browse(built) as client:
        asset = await client.get("/graphiql/assets/index-1a2b.js")

    assert policy(asset)["default-src"] == "'none'"
    assert policy(asset)["script-src"] == "'self'"
    assert "connect-src" not in policy(asset)


async def test_a_missing_asset_is_not_kept(built: GraphiQLPage, browse: Browse) -> None:
    async with browse(built) as client:
        missing = await client.get("/graphiql/assets/index-0000.js")

    assert missing.status_code == 404
    assert "cache-control" not in missing.headers


@pytest.mark.parametrize(
    "address", ["/graphiql/index.html", "/graphiql/assets/../index.html", "/graphiql/package.json"]
)
async def test_only_assets_are_served_beside_the_page(address: str, built: GraphiQLPage, browse: Browse) -> None:
    async with browse(built) as client:
        answer = await client.get(address)

    assert answer.status_code == 404


async def test_without_a_build_the_page_may_load_from_one_cdn_too(unbuilt: GraphiQLPage, browse: Browse) -> None:
    async with browse(unbuilt) as client:
        answer = await client.get("/graphql")

    import_map = re.findall(r'<script type="importmap">(.*?)</script>', answer.text, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    assert not unbuilt.is_built
    assert policy(answer)["script-src"] == f"'self' 'sha256-{digest}' {CDN}"
    assert policy(answer)["worker-src"] == f"blob: {CDN}"
    assert policy(answer)["connect-src"] == "'self'"
    assert set(re.findall(r"https?://[^/\s;]+", answer.headers["content-security-policy"])) == {CDN}


async def test_without_a_build_every_version_is_pinned(unbuilt: GraphiQLPage, browse: Browse) -> None:
    async with browse(unbuilt) as client:
        answer = await client.get("/graphql")

    addresses = re.findall(r'https?://[^"\s]+', answer.text)
    assert addresses
    assert all(re.match(rf"{CDN}/(@graphiql/)?[a-z-]+@\d+\.\d+\.\d+[/?]?", address) for address in addresses)


async def test_without_a_build_the_same_sources_are_served_as_they_are(unbuilt: GraphiQLPage, browse: Browse) -> None:
    async with browse(unbuilt) as client:
        page = await client.get("/graphql")
        sources = [
            await client.get(str(page.url.join(address)))
            for address in re.findall(r'"(?:\./)?(graphiql/[^"]+)"', page.text)
        ]

    assert [source.status_code for source in sources] == [200] * 4
    assert {source.headers["cache-control"] for source in sources} == {"no-cache"}
    assert "console.info" in next(source.text for source in sources if source.url.path == "/graphiql/src/cdn.js")


def test_what_is_built_names_no_address_of_elsewhere() -> None:
    made_of = [FOLDER / "index.html", *sorted((FOLDER / "src").glob("*"))]

    addresses = {
        source.name: found
        for source in made_of
        if (found := re.findall(r"https?://[^\s\"']+", source.read_text(encoding="utf-8")))
    }

    assert addresses == {"cdn.js": ["https://esm.sh."], "icon.svg": ["http://www.w3.org/2000/svg"]}


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())

    packages = {name: package for name, package in lock["packages"].items() if name}

    assert packages["node_modules/graphiql"]["version"].startswith("5.")
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def examples() -> dict[str, str]:
    source = (FOLDER / "src" / "examples.js").read_text(encoding="utf-8")
    return dict(re.findall(r"const ([A-Z_]+) = `(.*?)`;", source, re.DOTALL))


def test_every_example_is_one_named_operation_that_titles_its_tab() -> None:
    operations = {
        name: [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]
        for name, text in examples().items()
    }

    titles = {
        name: [operation.name and operation.name.value for operation in found] for name, found in operations.items()
    }
    assert titles == {
        "TILES_AND_LIST": ["TilesAndList"],
        "FIND_A_PERSON": ["FindAPerson"],
        "DEACTIVATE_USERS": ["DeactivateUsers"],
        "PREVIEW_AND_RUN": ["PreviewAndRun"],
        "OPERATIONS_AGAIN": ["OperationsAgain"],
        "AUDIT_LOG": ["AuditLog"],
        "SIGN_IN": ["SignIn"],
        "LOOK_UP": ["LookUpForExamples"],
    }
