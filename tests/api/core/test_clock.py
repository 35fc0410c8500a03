from datetime import UTC, datetime, timedelta

import pytest

from api.core.clock import Clock, RandomSource
from tests.support.world.clock import TestClock

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def clock_at(time: datetime) -> TestClock:
    clock = TestClock()
    clock.time = time
    return clock


def test_the_time_is_in_utc_and_cut_to_milliseconds() -> None:
    before = datetime.now(UTC)

    now = Clock().now()

    assert now.utcoffset() == timedelta(0)
    assert now.microsecond % 1000 == 0
    assert before - timedelta(milliseconds=1) < now <= datetime.now(UTC)


def test_an_id_is_a_uuid_of_version_7_that_begins_with_the_clocks_millisecond() -> None:
    chance = RandomSource(clock_at(NOON + timedelta(milliseconds=7)))

    made = chance.new_id()

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOON.timestamp()) * 1000 + 7


def test_ids_of_one_millisecond_rise_and_never_repeat() -> None:
    chance = RandomSource(clock_at(NOON))

    made = [chance.new_id() for _ in range(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {each.version for each in made} == {7}


def test_ids_rise_when_the_clock_is_set_back() -> None:
    clock = clock_at(NOON)
    chance = RandomSource(clock)

    earlier = chance.new_id()
    clock.time = NOON - timedelta(hours=1)
    later = chance.new_id()

    assert later > earlier


def test_ids_follow_the_clock_as_it_goes_on() -> None:
    clock = clock_at(NOON)
    chance = RandomSource(clock)

    earlier = chance.new_id()
    clock.time = NOON + timedelta(milliseconds=1)
    later = chance.new_id()

    assert (later.int >> 80) - (earlier.int >> 80) == 1


def test_two_servers_do_not_make_the_same_ids() -> None:
    one, other = RandomSource(clock_at(NOON)), RandomSource(clock_at(NOON))

    made = {chance.new_id() for chance in (one, other) for _ in range(1_000)}

    assert len(made) == 2_000


def test_a_clock_before_1970_still_gives_ids() -> None:
    chance = RandomSource(clock_at(datetime(1969, 1, 1, tzinfo=UTC)))

    made = [chance.new_id() for _ in range(10)]

    assert made == sorted(set(made))


def test_jitter_lies_between_zero_and_one() -> None:
    chance = RandomSource(Clock())

    drawn = [chance.jitter() for _ in range(1_000)]

    assert all(0 <= each < 1 for each in drawn)
    assert min(drawn) < 0.1 < 0.9 < max(drawn)


def test_token_bytes_have_the_length_asked_for_and_differ() -> None:
    chance = RandomSource(Clock())

    drawn = {chance.token_bytes(32) for _ in range(100)}

    assert {len(each) for each in drawn} == {32}
    assert len(drawn) == 100


def test_a_secret_of_no_bytes_is_refused() -> None:
    chance = RandomSource(Clock())

    with pytest.raises(ValueError, match="at least one byte"):
        chance.token_bytes(0)
