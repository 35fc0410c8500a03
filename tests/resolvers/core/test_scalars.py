"""Instants: written with milliseconds and Z, and read only with a date, a time and a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tables import PortalUser
from resolvers.core.scalars import read_instant, read_instant_or_duration, write_instant
from tests.support.world import Ask, World

NO_INSTANTS = [
    "",
    "now",
    "2026-03-01",
    "2026-03-01T09:00:00",
    "2026-03-01T09:00Z",
    "2026-03-01 09:00:00Z",
    "09:00:00Z",
    "2026-03-01T09:00:00+0100",
    "2026-03-01T09:00:00+01",
    "2026-03-01T09:00:00 Z",
    " 2026-03-01T09:00:00Z",
    "2026-03-01T09:00:00Z\n",
    "2026-02-30T09:00:00Z",
    "2026-13-01T09:00:00Z",
    "2026-03-01T25:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T09:60:00Z",
    "2026-03-01T09:00:60Z",
    "2026-03-01T09:00:00.Z",
    "2026-W09-7T09:00:00Z",
    "20260301T090000Z",
    "0000-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "2026-03-01T09:00:00+25:00",
    "2026-03-01T09:00:00-24:00",
    "2026-03-01T09:00:00,5Z",
    "-026-03-01T09:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "202\N{FULLWIDTH DIGIT SIX}-03-01T09:00:00Z",
    1772355600,
    1772355600.5,
    True,
    [],
    {},
]
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
NO_DURATIONS = [
    "P",
    "PT",
    "P1DT",
    "-P1D",
    "P-1D",
    "P1.5D",
    "P1,5D",
    "P1Y",
    "P3M",
    "p1d",
    " P1D",
    "P1D ",
    "P1H",
    "PT1D",
    "P1DW",
]
NO_DURATIONS += ["P36501D", "P999999999W", "PT9999999999S", "P\N{FULLWIDTH DIGIT SIX}D", "P1D\n"]
DOCUMENT = "query ($at: DateTimeOrDuration) { users(filter: {addedBefore: $at}) { totalCount } }"


@pytest.mark.parametrize("value", NO_INSTANTS)
def test_what_leaves_something_open_is_no_instant(value: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_instant(value)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:00:00Z",
        "2026-03-01t09:00:00z",
        "2026-03-01T09:00:00.000Z",
        "2026-03-01T09:00:00+00:00",
        "2026-03-01T10:30:00+01:30",
        "2026-02-28T23:00:00-10:00",
        "2026-03-01T09:00:00.000000000+00:00",
    ],
)
def test_any_offset_is_read_as_the_instant_that_it_means(text: str) -> None:
    assert read_instant(text) == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert read_instant(text).tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back_to_the_millisecond(instant: datetime) -> None:
    text = write_instant(instant)

    assert read_instant(text) == instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert (len(text), text[10], text[-1]) == (24, "T", "Z")


def test_an_instant_is_written_in_utc_whatever_its_zone() -> None:
    instant = datetime(2026, 3, 1, 10, 30, 0, 123999, tzinfo=timezone(timedelta(hours=1, minutes=30)))

    assert write_instant(instant) == "2026-03-01T09:00:00.123Z"


def test_an_instant_without_a_zone_is_never_written() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_instant(datetime(2026, 3, 1))  # noqa: DTZ001  # that is the point


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("P90D", timedelta(days=90)),
        ("P2W", timedelta(weeks=2)),
        ("PT36H", timedelta(hours=36)),
        ("P1W2DT3H4M5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("P0D", timedelta()),
        ("P36500D", timedelta(days=36500)),
    ],
)
def test_a_duration_is_that_long_before_the_request(text: str, ago: timedelta) -> None:
    assert read_instant_or_duration(text).at(NOW) == NOW - ago


def test_an_instant_is_itself_where_a_duration_is_taken_too() -> None:
    assert read_instant_or_duration("2026-02-01T10:00:00+01:00").at(NOW) == datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("value", [*NO_INSTANTS, *NO_DURATIONS])
def test_what_is_neither_an_instant_nor_a_plain_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_instant_or_duration(value)


async def test_every_instant_of_a_user_is_written_alike(world: World, ask: Ask) -> None:  # T3
    ann, bob = await world.portal_admin(), await world.user()
    odd = datetime(2026, 2, 3, 4, 5, 6, 789999, tzinfo=UTC)
    names = ("added_at", "modified_at", "last_sign_in_at", "status_changed_at", "email_verified_at")
    await PortalUser.filter(id=bob.id).update(**dict.fromkeys(names, odd))
    fields = "addedAt modifiedAt lastSignInAt statusChangedAt emailVerifiedAt"

    user = (await ask(f"query ($id: ID!) {{ user(id: $id) {{ {fields} }} }}", actor=ann, id=bob.gid)).data["user"]

    assert user == dict.fromkeys(fields.split(), "2026-02-03T04:05:06.789Z")


async def test_a_filter_takes_no_instant_without_a_zone(world: World, ask: Ask) -> None:
    nora, _ = await world.mssp_admin(), await world.user()

    for value in NO_INSTANTS:
        assert (await ask(DOCUMENT, actor=nora, at=value)).codes == ["BAD_USER_INPUT"], value
    for literal in ('"2026-03-01T09:00:00"', "1772355600", '"0001-01-01T00:00:00+23:00"'):
        reply = await ask(f"{{ users(filter: {{addedBefore: {literal}}}) {{ totalCount }} }}", actor=nora)
        assert reply.codes == ["GRAPHQL_VALIDATION_FAILED"], literal


async def test_a_filter_compares_instants_and_not_their_spelling(world: World, ask: Ask) -> None:
    nora, _ = await world.mssp_admin(), await world.user()  # added at 09:00:00Z

    async def before(at: str | None) -> int:
        return int((await ask(DOCUMENT, actor=nora, at=at)).data["users"]["totalCount"])

    assert [await before(at) for at in ("2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00Z")] == [0, 0]
    assert [await before(at) for at in ("2026-03-01T10:00:01+01:00", "2026-03-01T09:00:00.001Z", None)] == [1, 1, 1]
    assert [await before(at) for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")] == [0, 1]
