"""The example operations of the project: those of the guide, of the README and of GraphiQL."""

from __future__ import annotations

import re

from tests.documentation.references import blocks
from tests.support.processes.commands import ROOT

_TEMPLATES = re.compile(r"^const [A-Z_]+ = `(.*?)`;$", re.MULTILINE | re.DOTALL)

GUIDE = blocks("docs/frontend.md", "graphql")
README = blocks("README.md", "graphql")
GRAPHIQL = _TEMPLATES.findall((ROOT / "api" / "graphiql" / "src" / "examples.js").read_text())
SHOWN = [*GUIDE, *README, *GRAPHIQL]
