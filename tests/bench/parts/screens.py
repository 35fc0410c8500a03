"""The requests of the main screens, alone or beside an earlier commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from tests.bench.load import Figure, in_turn
from tests.bench.measurement import Effort, Measurement, compared, in_rounds
from tests.bench.parts.users_page import SMALL_PORTAL, measuring
from tests.bench.requests import BULK_BOTH_WAYS, Request, active_users, is_done, reads
from tests.bench.site import Site, site
from tests.bench.trees import Tree


def measure(present: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield each request of the present tree, alone."""
    for name, figures in _measured([present], effort):
        yield from compared(name, present.database, figures[0])


def measure_beside(base: Tree, present: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield each request beside that of an earlier commit over data of its own."""
    with site(present.kind, effort, present.postgres, base) as earlier:
        for name, (ours, theirs) in _measured([present, earlier], effort):
            yield from compared(name, present.database, ours, base.name, theirs)


def _measured(sites: Sequence[Site], effort: Effort) -> Iterator[tuple[str, list[list[Figure]]]]:
    """Yield the name of each request, and its figures on each site."""
    ready = [_measures(each, effort) for each in sites]
    for name in ready[0]:
        figures = in_rounds({str(number): measures[name]() for number, measures in enumerate(ready)}, effort)
        yield name, list(figures.values())


def _measures(site: Site, effort: Effort) -> dict[str, Callable[[], Callable[[], Figure]]]:
    """Return for each request the function that checks it and returns its measure."""
    portal = site.portal(SMALL_PORTAL)
    people = active_users(site.target, portal)
    bulk = f"bulk of {len(people):,} with every outcome"
    found: dict[str, Callable[[], Callable[[], Figure]]] = {bulk: partial(_bulk, site, people, effort)}
    found |= {request.name: partial(measuring, site.target, request, effort) for request in reads(portal, effort)}
    return found


def _bulk(site: Site, people: list[str], effort: Effort) -> Callable[[], Figure]:
    for document in BULK_BOTH_WAYS:
        Request("bulk", document, {"ids": people}, is_done(people)).check(site.target)
    return partial(in_turn, site.target, BULK_BOTH_WAYS, seconds=effort.seconds, ids=people)
