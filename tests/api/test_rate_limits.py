import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from api.rate_limits import Limit, SignInLimits, SignInRates
from rules.refusals import Code, Refusal

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTES_5 = timedelta(minutes=5)
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def limits() -> SignInLimits:
    """Ten failures in five minutes."""
    return SignInLimits(SignInRates(per_address=Limit(10, MINUTES_5)))


def allowed(limits: SignInLimits, address: str = HERE, now: datetime = NOON) -> bool:
    try:
        limits.reserve(address, now)
    except Refusal:
        return False
    return True


def refusal(limits: SignInLimits, address: str = HERE, now: datetime = NOON) -> Refusal:
    with pytest.raises(Refusal) as refused:
        limits.reserve(address, now)
    return refused.value


def test_a_network_may_fail_a_hundred_times_in_five_minutes() -> None:
    limits = SignInLimits()

    attempts = [allowed(limits) for _ in range(102)]

    assert attempts == [True] * 100 + [False] * 2
    assert allowed(limits, ELSEWHERE)


def test_the_refusal_says_when_to_try_again(limits: SignInLimits) -> None:
    for second in range(10):
        limits.reserve(HERE, NOON + timedelta(seconds=second))

    refused = refusal(limits, now=NOON + timedelta(seconds=30))

    assert refused.code is Code.RATE_LIMITED
    assert refused.retry_at == NOON + MINUTES_5
    assert refused.message == "Too many sign-ins from your network. Try again in 5 minutes."


@pytest.mark.parametrize(
    ("passed", "words"),
    [(240, "1 minute"), (239, "2 minutes"), (241, "59 seconds"), (299, "1 second"), (299.001, "1 second")],
)
def test_the_wait_is_told_in_words_and_never_too_short(limits: SignInLimits, passed: float, words: str) -> None:
    for _ in range(10):
        limits.reserve(HERE, NOON)

    refused = refusal(limits, now=NOON + timedelta(seconds=passed))

    assert refused.message == f"Too many sign-ins from your network. Try again in {words}."


def test_a_try_at_the_named_time_is_allowed_and_a_millisecond_before_is_not(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.reserve(HERE, NOON)
    retry_at = refusal(limits).retry_at

    assert retry_at is not None
    assert not allowed(limits, now=retry_at - timedelta(milliseconds=1))
    assert allowed(limits, now=retry_at)


def test_no_stretch_of_five_minutes_has_more_than_ten(limits: SignInLimits) -> None:
    tried = [NOON + timedelta(seconds=7 * each) for each in range(300)]

    granted = [now for now in tried if allowed(limits, now=now)]

    assert all(later - earlier >= MINUTES_5 for earlier, later in zip(granted, granted[10:], strict=False))
    assert len(granted) > 60


def test_a_refused_attempt_does_not_prolong_the_wait(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.reserve(HERE, NOON)
    for minute in range(5):
        refusal(limits, now=NOON + timedelta(minutes=minute))

    assert allowed(limits, now=NOON + MINUTES_5)


def test_success_gives_the_attempt_back(limits: SignInLimits) -> None:
    for _ in range(1_000):
        limits.reserve(HERE, NOON)
        limits.succeeded(HERE)

    assert limits.remembered == 0
    assert [allowed(limits) for _ in range(11)] == [True] * 10 + [False]


def test_success_does_not_forgive_the_failures_before_it(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.reserve(HERE, NOON)

    limits.succeeded(HERE)

    assert [allowed(limits) for _ in range(2)] == [True, False]


def test_success_with_nothing_reserved_changes_nothing(limits: SignInLimits) -> None:
    limits.succeeded(HERE)

    assert [allowed(limits) for _ in range(11)] == [True] * 10 + [False]


@pytest.mark.parametrize("address", ["2001:db8:1:2::9", "2001:0DB8:0001:0002::1"])
def test_addresses_of_one_subscriber_count_together(address: str) -> None:
    limits = SignInLimits(SignInRates(per_address=Limit(1, MINUTES_5)))
    limits.reserve("2001:db8:1:2::1", NOON)

    assert not allowed(limits, address)
    assert allowed(limits, "2001:db8:1:3::1")


async def test_of_a_hundred_concurrent_attempts_exactly_ten_are_let_in(limits: SignInLimits) -> None:
    checked = 0
    all_have_tried = asyncio.Barrier(100)

    async def sign_in() -> None:
        nonlocal checked
        granted = allowed(limits)
        await all_have_tried.wait()
        checked += granted

    await asyncio.gather(*[sign_in() for _ in range(100)])

    assert checked == 10


def test_memory_is_bounded_and_the_least_recently_tried_is_forgotten_first() -> None:
    limits = SignInLimits(SignInRates(per_address=Limit(1, MINUTES_5), most_keys=3))
    for n in range(3):
        limits.reserve(f"192.0.2.{n}", NOON)

    refusal(limits, "192.0.2.0")
    limits.reserve("192.0.2.9", NOON)

    assert not allowed(limits, "192.0.2.0")
    assert allowed(limits, "192.0.2.1")


def test_at_most_ten_thousand_networks_are_remembered(limits: SignInLimits) -> None:
    for number in range(10_050):
        limits.reserve(f"10.1.{number >> 8}.{number & 255}", NOON)

    assert limits.remembered == 10_000


def test_what_is_over_is_forgotten(limits: SignInLimits) -> None:
    for number in range(1_000):
        limits.reserve(f"10.1.{number >> 8}.{number & 255}", NOON)

    limits.reserve(HERE, NOON + MINUTES_5)

    assert limits.remembered == 1


def kept(limits: SignInLimits) -> str:
    """All that is in memory of the attempts."""
    return str([vars(each) for each in vars(limits).values() if hasattr(each, "__dict__")])


def test_no_address_is_kept_in_memory(limits: SignInLimits) -> None:
    limits.reserve(HERE, NOON)

    assert "datetime" in kept(limits)
    assert HERE not in kept(limits)


def test_what_one_server_keeps_of_a_network_tells_nothing_about_another(limits: SignInLimits) -> None:
    other = SignInLimits()

    limits.reserve(HERE, NOON)
    other.reserve(HERE, NOON)

    assert kept(limits) != kept(other)
