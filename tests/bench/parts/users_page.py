"""A benchmark of the users page of Gatehouse and of other servers: 50 users with ten fields each.

All servers show the same page, from databases with the same number of users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from tests.bench.load import Figure, Target, repeated
from tests.bench.measurement import Effort, Measurement, compared, in_rounds
from tests.bench.peers.servers import Peer, floor, missing, peers
from tests.bench.requests import Request, reads
from tests.bench.site import Site

OURS = "Gatehouse"
SMALL_PORTAL = 2
WARM_UP = 5
"""The duration of the warm-up of each server, in rounds. Node compiles code during this time."""


def measure(site: Site, effort: Effort) -> Iterator[Measurement]:
    """Measure the users page. The references are the same page from each peer and from the bare application.

    If npm is missing or the peers are switched off, the bare application is the only reference.
    """
    request = reads(site.portal(SMALL_PORTAL), effort)[0]
    with ExitStack() as stack:
        others = list(_others(site, effort, stack))
        warm_up = WARM_UP * effort.seconds
        measures = {OURS: measuring(site.target, request, effort, warm_up)}
        measures |= {peer.name: measuring(peer.target, peer.request, effort, warm_up) for peer in others}
        figures = in_rounds(measures, effort)
    for peer in others:
        yield from compared("users page", site.database, figures[OURS], peer.name, figures[peer.name])


def _others(site: Site, effort: Effort, stack: ExitStack) -> Sequence[Peer]:
    found = stack.enter_context(peers(effort, site.postgres)) if effort.peers and not missing() else []
    bare = floor(str(site.settings["database_url"]), f"load-{SMALL_PORTAL}", effort)
    return [*found, stack.enter_context(bare)]


def measuring(target: Target, request: Request, effort: Effort, warm_up: float | None = None) -> Callable[[], Figure]:
    """Check the request's answer, let the server warm up, and return the function that measures the request.

    `warm_up` is the duration of the warm-up in seconds. If it is None, the warm-up is as long as one round.
    """
    request.check(target)
    asked = partial(repeated, target, request.document, connections=effort.connections, **request.variables)
    asked(seconds=effort.seconds if warm_up is None else warm_up)
    return partial(asked, seconds=effort.seconds)
