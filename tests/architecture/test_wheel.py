"""The wheel serves requests in an environment that contains only the wheel and its declared dependencies."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from packaging.requirements import Requirement

from api.core.graphiql_build import FOLDER
from api.web.graphiql_page import CDN
from services.admin import demo
from tests.support.processes.commands import PATIENCE, ROOT, Served, environment, until

LAYERS = ("api", "models", "resolvers", "rules", "services")
BROWSER = {"accept": "text/html"}
BUILT_PAGE = '<!doctype html><script type="module" src="graphiql/assets/index-1a2b.js"></script>'
WHERE = (
    "import api, models, resolvers, rules, services, sys; print(*(sys.modules[name].__file__ for name in sys.argv[1:]))"
)

MADE_INTO_THE_PAGE = ("package.json", "package-lock.json", "vite.config.js", "index.html", ".npmrc")
"""The files from which npm builds the GraphiQL page. The server does not need them, so the wheel leaves them out."""

ENABLED_USER = '{ users(category: ENABLED, search: "user@acme.test", first: 1) { nodes { id } } }'
RESET = """
mutation Reset($id: ID!) {
  resetPasswords(input: { users: { ids: [$id] } }) { summary { succeeded } errors { code } }
}
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the files that a wheel is built from. A page of one line replaces npm's build."""
    copy = tmp_path_factory.mktemp("checkout")
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    for layer in LAYERS:
        shutil.copytree(
            ROOT / layer, copy / layer, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "dist")
        )
    assets = copy / "api" / "graphiql" / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-1a2b.js").write_text("export {};")
    (assets.parent / "index.html").write_text(BUILT_PAGE)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder, checkout)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a virtual environment with the wheel and its dependencies, which are copied from the present environment."""
    venv = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    _pip("--python", venv / "bin" / "python", "install", "--no-deps", "--no-index", wheel)
    (packages,) = venv.glob("lib/python*/site-packages")
    for name in _needed("gatehouse"):
        for file in distribution(name).files or ():
            place = packages / file.parts[0]
            if file.parts[0] not in ("..", "__pycache__") and not place.exists():
                place.symlink_to(Path(str(distribution(name).locate_file(file.parts[0]))))
    return venv


def _pip(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def _needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Return a distribution's dependencies, and the dependencies of these dependencies."""
    found: set[str] = set()
    waiting = [(name, extras)]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for text in distribution(name).requires or ():
            needed = Requirement(text)
            wanted = any(needed.marker.evaluate({"extra": extra}) for extra in {"", *extras}) if needed.marker else True
            pair = (needed.name, frozenset(needed.extras))
            if wanted and pair not in seen:
                seen.add(pair)
                waiting.append(pair)
                found.add(needed.name)
    return found


@pytest.fixture
def without_a_build(installed: Path, tmp_path: Path) -> Iterator[None]:
    """Move the installed GraphiQL page away while a test runs, as if the wheel had been built without npm."""
    (dist,) = installed.glob("lib/python*/site-packages/api/graphiql/dist")
    away = dist.rename(tmp_path / "dist")
    yield
    away.rename(dist)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a working directory outside of any checkout."""
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture(scope="module")
def migrated(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a working directory with a migrated database, and what the migration printed."""
    home = tmp_path_factory.mktemp("migrated")
    return home, run(installed, home, "gatehouse", "migrate")


@pytest.fixture
def migrated_home(migrated: tuple[Path, str], home: Path) -> Path:
    return shutil.copytree(migrated[0], home, dirs_exist_ok=True)


def run(installed: Path, home: Path, *command: str) -> str:
    return subprocess.run(
        [installed / "bin" / command[0], *command[1:]],
        cwd=home,
        env=_environment(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    ).stdout


@contextmanager
def serving(installed: Path, home: Path) -> Iterator[Served]:
    output = home / "output"
    with output.open("w") as written:
        server = subprocess.Popen(
            [installed / "bin" / "gatehouse", "serve", "--port", "0"],
            cwd=home,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    served = Served(server, output)
    try:
        until(lambda: "Stop with" in served.output or server.poll() is not None)
        yield served
    finally:
        server.kill()
        server.wait()


def _environment() -> dict[str, str]:
    return {name: value for name, value in environment().items() if name != "PYTHONPATH"}


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(checkout: Path, wheel: Path) -> None:
    kept_back = {Path("api/graphiql") / name for name in MADE_INTO_THE_PAGE}
    files = {path.relative_to(checkout) for layer in LAYERS for path in (checkout / layer).rglob("*") if path.is_file()}

    with ZipFile(wheel) as archive:
        held = {Path(name) for name in archive.namelist() if ".dist-info/" not in name}

    assert held == files - kept_back
    assert Path("api/graphiql/dist/assets/index-1a2b.js") in held


def test_the_code_that_runs_is_the_wheels(installed: Path, home: Path) -> None:
    files = run(installed, home, "python", "-c", WHERE, *LAYERS).split()

    assert len(files) == len(LAYERS)
    assert all(Path(file).is_relative_to(installed) for file in files)


def test_installed_it_migrates_loads_the_demo_answers_and_sends_mail(
    installed: Path, migrated: tuple[Path, str], migrated_home: Path
) -> None:
    loaded = run(installed, migrated_home, "gatehouse", "demo")

    with serving(installed, migrated_home) as served:
        token = served.token("admin@acme.test", demo.PASSWORD, "acme")
        (found,) = served.ask(ENABLED_USER, token)["users"]["nodes"]
        reset = served.ask(RESET, token, id=found["id"])["resetPasswords"]
        mails = migrated_home / "data" / "mail"
        until(lambda: mails.is_dir() and any(mails.iterdir()))

    assert migrated[1].startswith("Applied: ")
    assert loaded == "The demo is loaded.\n"
    assert reset == {"summary": {"succeeded": 1}, "errors": []}
    assert "Traceback" not in served.output


def test_installed_it_shows_graphiql_as_it_was_built(installed: Path, migrated_home: Path) -> None:
    with serving(installed, migrated_home) as served:
        page = httpx.get(served.address, headers=BROWSER)
        asset = httpx.get(served.address.replace("/graphql", "/graphiql/assets/index-1a2b.js"))

    assert page.text == BUILT_PAGE
    assert asset.text == "export {};"


@pytest.mark.usefixtures("without_a_build")
def test_installed_from_a_wheel_without_a_build_it_shows_graphiql_from_a_cdn(
    installed: Path, migrated_home: Path
) -> None:
    with serving(installed, migrated_home) as served:
        page = httpx.get(served.address, headers=BROWSER)
        source = httpx.get(served.address.replace("/graphql", "/graphiql/src/page.js"))

    assert CDN in page.text
    assert source.text == (FOLDER / "src" / "page.js").read_text(encoding="utf-8")
