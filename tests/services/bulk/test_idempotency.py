"""The digest of a call's input is the same in every version. Stored idempotency keys therefore stay valid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from models.users.selection.conditions import UserConditions, UserQuery
from rules.lifecycle.statuses import Status
from services.bulk.idempotency import digest


def test_a_named_tuple_has_the_digest_of_a_dataclass_with_its_name_and_fields() -> None:
    class AsTuple:
        class Chosen(NamedTuple):
            status: Status
            search: str | None = None

    class AsDataclass:
        @dataclass(frozen=True)
        class Chosen:
            status: Status
            search: str | None = None

    assert digest(AsTuple.Chosen(Status.ACTIVE)) == digest(AsDataclass.Chosen(Status.ACTIVE))
    assert digest(AsTuple.Chosen(Status.ACTIVE)) != digest((Status.ACTIVE, None))


def test_selections_by_different_fields_have_different_digests() -> None:
    given = [
        UserQuery(),
        UserQuery(search="ann"),
        UserQuery(filter=UserConditions(holds_seat=True)),
        UserQuery(filter=UserConditions(email_verified=True)),
    ]

    assert len({digest(query) for query in given}) == len(given)
