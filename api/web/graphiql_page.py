"""The GraphiQL page: the build in graphiql/dist. Without a build, the page loads GraphiQL from a CDN."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.core.graphiql_build import FOLDER, is_built

CDN = "https://esm.sh"
IMMUTABLE = "public, max-age=31536000, immutable"


def _policy(**sources: str) -> str:
    directives = {"default-src": "'none'", **{name.replace("_", "-"): value for name, value in sources.items()}}
    closed = {"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
    return "; ".join(f"{name} {value}" for name, value in (directives | closed).items())


# The editor sets style attributes ('unsafe-inline') and its style sheet embeds its fonts (data:).
BUILT_POLICY = _policy(
    script_src="'self'",
    connect_src="'self'",
    worker_src="'self'",
    style_src="'self' 'unsafe-inline'",
    font_src="'self' data:",
    img_src="'self' data:",
)
# A web worker obeys the policy in the response with its script, and its script is an asset.
ASSET_POLICY = _policy(script_src="'self'")


def _cdn_policy(html: str) -> str:
    import_map = html.split('<script type="importmap">')[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    return _policy(
        script_src=f"'self' 'sha256-{digest}' {CDN}",
        connect_src="'self'",
        worker_src=f"blob: {CDN}",  # the page starts a blob that imports the worker from the CDN; worker-src applies to both
        style_src=f"'self' 'unsafe-inline' {CDN}",
        font_src=f"{CDN} data:",
        img_src=f"'self' data: {CDN}",
    )


class _Assets(StaticFiles):
    def __init__(self, directory: Path, *, cache_control: str) -> None:
        super().__init__(directory=directory)
        self.cache_control = cache_control

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = self.cache_control
        response.headers["Content-Security-Policy"] = ASSET_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class GraphiQLPage:
    """Returns the HTML of GraphiQL. `routes` serve the page's assets at /graphiql.

    `is_built` states whether `folder` contained a build when the object was made.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        dist = folder / "dist"
        self.is_built = is_built(folder)
        self._html = (dist / "index.html" if self.is_built else folder / "cdn.html").read_text(encoding="utf-8")
        self._policy = BUILT_POLICY if self.is_built else _cdn_policy(self._html)
        mount = (
            Mount("/graphiql/assets", _Assets(dist / "assets", cache_control=IMMUTABLE))
            if self.is_built
            else Mount("/graphiql/src", _Assets(folder / "src", cache_control="no-cache"))
        )
        self.routes: list[BaseRoute] = [mount]

    async def __call__(self, request: Request) -> Response:
        return HTMLResponse(
            self._html,
            headers={
                "Cache-Control": "no-store",
                "Content-Security-Policy": self._policy,
                "Cross-Origin-Opener-Policy": "same-origin",
                "Referrer-Policy": "same-origin",
                "Vary": "Accept",
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "DENY",
            },
        )
