"""Measurements of the requests of the frontend's main screens, alone or in comparison with an earlier commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from rich.console import Console

from tests.bench.load import Figure, RequestRefused, in_turn
from tests.bench.measurement import Effort, Measure, Measurement, compared, in_rounds
from tests.bench.parts.users_page import SMALL_PORTAL, measuring
from tests.bench.requests import BULK_BOTH_WAYS, Request, active_users, is_done, reads
from tests.bench.site import Site, site
from tests.bench.trees import Tree

progress = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def measure(present: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield the figures of each request in the present version of the project, compared with nothing."""
    for name, measuring_present in _measures(present, effort).items():
        yield from _alone(name, present, measuring_present(), effort)


def measure_beside(base: Tree, present: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield the figures of each request of the present tree. The reference is the same request at an earlier commit.

    Each of the two servers has its own copy of the data. A request that the earlier commit refuses, because its schema
    differs, is measured without a reference.
    """
    with site(present.kind, effort, present.postgres, base) as earlier:
        measures, earlier_measures = _measures(present, effort), _measures(earlier, effort)
        for name, measuring_present in measures.items():
            ours = measuring_present()
            try:
                theirs = earlier_measures[name]()
            except RequestRefused as refused:
                progress.print(f"{name}: measured alone, because {base.name} refuses the request. {refused}")
                yield from _alone(name, present, ours, effort)
                continue
            figures = in_rounds({"present": ours, "earlier": theirs}, effort)
            yield from compared(name, present.database, figures["present"], base.name, figures["earlier"])


def _alone(name: str, present: Site, measured: Measure, effort: Effort) -> Iterator[Measurement]:
    yield from compared(name, present.database, in_rounds({"present": measured}, effort)["present"])


def _measures(site: Site, effort: Effort) -> dict[str, Callable[[], Measure]]:
    """Return, by the name of each request, a function that prepares its measurement.

    The function checks the request's answer once, and returns a second function, which measures the request.
    """
    portal = site.portal(SMALL_PORTAL)
    people = active_users(site.target, portal)
    bulk = f"bulk of {len(people):,} with every outcome"
    found: dict[str, Callable[[], Measure]] = {bulk: partial(_bulk, site, people, effort)}
    found |= {request.name: partial(measuring, site.target, request, effort) for request in reads(portal, effort)}
    return found


def _bulk(site: Site, people: list[str], effort: Effort) -> Measure:
    for document in BULK_BOTH_WAYS:
        Request("bulk", document, {"ids": people}, is_done(people)).check(site.target)

    def measured() -> Figure:
        figure = in_turn(site.target, BULK_BOTH_WAYS, seconds=effort.seconds, ids=people)
        site.analyze()
        return figure

    return measured
