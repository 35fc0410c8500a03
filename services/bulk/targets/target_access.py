"""Add the requested change of access to the targets of a bulk run: what each user may reach after the run.

The functions only compute the changes. The run writes them later.
"""

from __future__ import annotations

from collections.abc import Sequence

from rules.access import Actor
from rules.grants.access_changes import AccessChange, ResolvedAccess
from services.bulk.targets.target import Target
from services.grants import requested_access
from services.grants.requested_access import ACCESS, COPY, CopiedAccess


async def with_one_change(
    actor: Actor, targets: Sequence[Target], asked: AccessChange | CopiedAccess
) -> Sequence[Target]:
    """Return the targets of a bulk call, each with the change of access `asked`. Nothing is written.

    A target without a user stays as it is. Requires the users to be locked. Raise the refusals of
    `requested_access.given_to_all` and of `requested_access.requests`.
    """
    given = await requested_access.given_to_all(actor, asked)
    field = COPY if isinstance(asked, CopiedAccess) else ACCESS
    return await _with_changes(actor, targets, [given] * len(targets), field)


async def with_changes(
    actor: Actor, targets: Sequence[Target], asked: Sequence[AccessChange | None]
) -> Sequence[Target]:
    """Return the targets, each with its own change of access. `asked` has the changes in the order of `targets`.

    A target without a change or without a user stays as it is. A change with an unknown entry refuses only its own
    target. Requires the users to be locked. Raise the refusals of `requested_access.requests`.
    """
    return await _with_changes(actor, targets, await requested_access.given_to_each(actor, asked), None)


async def _with_changes(
    actor: Actor, targets: Sequence[Target], given: Sequence[ResolvedAccess | None], field: str | None
) -> Sequence[Target]:
    changing = [
        (place, target.user, change)
        for place, (target, change) in enumerate(zip(targets, given, strict=True))
        if target.user and change
    ]
    requests = await requested_access.requests(actor, [(user, change) for _, user, change in changing], field)
    by_place = {place: request for (place, _, _), request in zip(changing, requests, strict=True)}
    return [
        target._replace(access=by_place[place]) if place in by_place else target for place, target in enumerate(targets)
    ]
