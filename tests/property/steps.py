"""The steps of a generated story.

A step names users and portals by numbers, counted modulo the number of existing ones. Hypothesis can therefore shrink
stories.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from tests.property.action_table import TABLE

PORTALS = (("a", "a-one"), ("a", "a-two"), ("a", "a-three"), ("b", "b-one"))
"""The MSSP and the slug of each portal. The technician is first assigned to the first two portals."""

STANDINGS = (
    ("ACTIVE", None, None, None),
    ("STAGED", None, None, None),
    ("PROVISIONED", None, None, None),
    ("AWAITING_NEW_PASSWORD", "PASSWORD_EXPIRED", None, None),
    ("RECOVERY", "RESET_REQUESTED_BY_ADMIN", None, None),
    ("LOCKED_OUT", "TOO_MANY_FAILED_SIGN_INS", "ACTIVE", None),
    ("LOCKED_OUT", "TOO_MANY_FAILED_SIGN_INS", "RECOVERY", "RESET_REQUESTED_BY_ADMIN"),
    ("SUSPENDED", "IDLE", "ACTIVE", None),
    ("SUSPENDED", "ADMIN_ACTION", "AWAITING_NEW_PASSWORD", "PASSWORD_EXPIRED"),
    ("DEACTIVATED", "ADMIN_ACTION", "ACTIVE", None),
    ("DEACTIVATED", "ADMIN_ACTION", "RECOVERY", "RESET_REQUESTED_BY_ADMIN"),
    ("DEACTIVATED", "WAITING_FOR_SEAT", "ACTIVE", None),
)
"""The states in which a user can begin: status, its reason, the status to resume, and that status's reason."""

ODD_IDS = ("", "no id at all", "☂", "another type", "no user", "x" * 300)
"""Texts that a story sends in place of a user's id. Two of them stand for ids, which the story sends instead.

"another type" stands for the id of a portal, and "no user" for the id of a user who does not exist.
"""


@dataclass(frozen=True)
class Newcomer:
    portal: int
    standing: int
    kind: str
    role: str


@dataclass(frozen=True)
class Join:
    """Adds a user with the given state."""

    newcomer: Newcomer


@dataclass(frozen=True)
class Act:
    """An account calls a mutation. `actor` is the name of a member of staff, or the number of a user."""

    actor: str | int
    mutation: str
    mentions: tuple[int | str, ...]
    all_or_nothing: bool
    role: str
    """The role that changeRoles gives."""


@dataclass(frozen=True)
class Buy:
    """Adds a license package that begins in `starts_in` hours and lasts `hours` hours. None means without an end."""

    portal: int
    seats: int
    starts_in: int
    hours: int | None


@dataclass(frozen=True)
class Wait:
    hours: int


@dataclass(frozen=True)
class Switch:
    """Makes the portal inactive, or active again."""

    portal: int


@dataclass(frozen=True)
class Reassign:
    """Assigns one of the MSSP's portals to the technician, or takes the portal away."""

    portal: int


@dataclass(frozen=True)
class Accept:
    """The user with the number `who` accepts the newest invitation, if it is active."""

    who: int


Step = Join | Act | Accept | Buy | Wait | Switch | Reassign

Plan = tuple[str, int, int | None]
"""A portal's seat mode, its seats at the beginning, and its maximum number of admins."""

T = TypeVar("T")


def often(*weighed: tuple[int, st.SearchStrategy[T]]) -> st.SearchStrategy[T]:
    """Return a strategy that draws from one of several strategies.

    Each argument is a weight and a strategy. A strategy with the weight 3 is used three times as often as one with 1.
    """
    return st.sampled_from([strategy for times, strategy in weighed for _ in range(times)]).flatmap(lambda s: s)


portals = st.sampled_from([0, 0, 0, 1, 2, 3])
"""A strategy for the index of a portal. It draws the first portal most often, so that steps of a story interact."""
newcomers = st.builds(
    Newcomer,
    portal=portals,
    standing=st.integers(0, len(STANDINGS) - 1),
    kind=st.sampled_from(["EXTERNAL", "EXTERNAL", "INTERNAL"]),
    role=st.sampled_from(["PORTAL_USER", "PORTAL_USER", "PORTAL_ADMIN"]),
)
users = st.integers(0, 11)
mentions: st.SearchStrategy[int | str] = often((7, users), (1, st.sampled_from(ODD_IDS)))
acts = st.builds(
    Act,
    actor=often((6, st.sampled_from(["admin a", "admin a", "technician a", "admin b", 0, 0])), (1, users)),
    mutation=st.sampled_from(list(TABLE)),
    mentions=st.lists(mentions, max_size=12).map(tuple),
    all_or_nothing=st.sampled_from([False, False, True]),
    role=st.sampled_from(["PORTAL_ADMIN", "PORTAL_USER"]),
)
purchases = st.builds(
    Buy,
    portal=portals,
    seats=st.integers(1, 3),
    starts_in=st.sampled_from([0, 0, 2]),
    hours=st.sampled_from([None, 1, 5]),
)
steps: st.SearchStrategy[Step] = often(
    (12, acts),
    (1, st.builds(Join, newcomers)),
    (2, st.builds(Accept, users)),
    (1, purchases),
    (1, st.builds(Wait, st.integers(1, 6))),
    (1, st.builds(Switch, portals)),
    (1, st.builds(Reassign, st.integers(0, 2))),
)
stories = st.lists(steps, min_size=6, max_size=40)
plans: st.SearchStrategy[list[Plan]] = st.lists(
    st.tuples(
        st.sampled_from(["ON_ACTIVATION", "ON_ACTIVATION", "ON_INVITE", "UNLIMITED"]),
        st.integers(1, 3),
        st.sampled_from([None, None, 1, 2]),
    ),
    min_size=len(PORTALS),
    max_size=len(PORTALS),
)
casts = st.lists(newcomers, min_size=4, max_size=10)
