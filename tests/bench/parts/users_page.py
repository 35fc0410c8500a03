"""The users page: 50 users with ten fields each, beside the same page of other servers over as many users."""

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


def measure(site: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield the page beside each peer, and beside the bare application. Without npm, the latter is the only one."""
    request = reads(site.portal(SMALL_PORTAL), effort)[0]
    with ExitStack() as stack:
        others = list(_others(site, effort, stack))
        measures = {OURS: measuring(site.target, request, effort)}
        measures |= {peer.name: measuring(peer.target, peer.request, effort) for peer in others}
        figures = in_rounds(measures, effort)
    for peer in others:
        yield from compared("users page", site.database, figures[OURS], peer.name, figures[peer.name])


def _others(site: Site, effort: Effort, stack: ExitStack) -> Sequence[Peer]:
    found = stack.enter_context(peers(effort, site.postgres)) if effort.peers and not missing() else []
    bare = floor(str(site.settings["database_url"]), f"load-{SMALL_PORTAL}", effort)
    return [*found, stack.enter_context(bare)]


def measuring(target: Target, request: Request, effort: Effort) -> Callable[[], Figure]:
    """Check the request's answer, let the server warm up, and return the function that measures it."""
    request.check(target)
    measured = partial(
        repeated, target, request.document, connections=effort.connections, seconds=effort.seconds, **request.variables
    )
    measured()
    return measured
