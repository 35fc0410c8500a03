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
    return SignInLimits()


def allowed(limits: SignInLimits, login: str, address: str = HERE, now: datetime = NOON) -> bool:
    try:
        limits.reserve(login, address, now)
    except Refusal:
        return False
    return True


def refusal(limits: SignInLimits, login: str, address: str = HERE, now: datetime = NOON) -> Refusal:
    with pytest.raises(Refusal) as refused:
        limits.reserve(login, address, now)
    return refused.value


def test_a_login_may_fail_ten_times_in_five_minutes(limits: SignInLimits) -> None:
    attempts = [allowed(limits, "ann") for _ in range(12)]

    assert attempts == [True] * 10 + [False] * 2


def test_the_refusal_says_when_to_try_again(limits: SignInLimits) -> None:
    for second in range(10):
        limits.reserve("ann", HERE, NOON + timedelta(seconds=second))

    refused = refusal(limits, "ann", now=NOON + timedelta(seconds=30))

    assert refused.code is Code.RATE_LIMITED
    assert refused.retry_at == NOON + MINUTES_5
    assert refused.message == "Too many sign-ins. Try again in 5 minutes."


@pytest.mark.parametrize(
    ("passed", "words"),
    [(240, "1 minute"), (239, "2 minutes"), (241, "59 seconds"), (299, "1 second"), (299.001, "1 second")],
)
def test_the_wait_is_told_in_words_and_never_too_short(limits: SignInLimits, passed: float, words: str) -> None:
    for _ in range(10):
        limits.reserve("ann", HERE, NOON)

    refused = refusal(limits, "ann", now=NOON + timedelta(seconds=passed))

    assert refused.message == f"Too many sign-ins. Try again in {words}."


def test_a_try_at_the_named_time_is_allowed_and_a_millisecond_before_is_not(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.reserve("ann", HERE, NOON)
    retry_at = refusal(limits, "ann").retry_at

    assert retry_at is not None
    assert not allowed(limits, "ann", now=retry_at - timedelta(milliseconds=1))
    assert allowed(limits, "ann", now=retry_at)


def test_no_stretch_of_five_minutes_has_more_than_ten(limits: SignInLimits) -> None:
    tried = [NOON + timedelta(seconds=7 * each) for each in range(300)]

    granted = [now for now in tried if allowed(limits, "ann", now=now)]

    assert all(later - earlier >= MINUTES_5 for earlier, later in zip(granted, granted[10:], strict=False))
    assert len(granted) > 60


def test_a_refused_attempt_does_not_prolong_the_wait(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.reserve("ann", HERE, NOON)
    for minute in range(5):
        refusal(limits, "ann", now=NOON + timedelta(minutes=minute))

    assert allowed(limits, "ann", now=NOON + MINUTES_5)


def test_success_gives_the_attempt_back(limits: SignInLimits) -> None:
    for _ in range(1_000):
        limits.reserve("ann", HERE, NOON)
        limits.succeeded("ann", HERE)

    assert limits.remembered == 0
    assert [allowed(limits, "ann") for _ in range(11)] == [True] * 10 + [False]


def test_success_does_not_forgive_the_failures_before_it(limits: SignInLimits) -> None:
    for _ in range(9):
        limits.reserve("ann", HERE, NOON)

    limits.reserve("ann", HERE, NOON)
    limits.succeeded("ann", HERE)

    assert [allowed(limits, "ann") for _ in range(2)] == [True, False]


def test_success_with_nothing_reserved_changes_nothing(limits: SignInLimits) -> None:
    limits.succeeded("ann", HERE)

    assert [allowed(limits, "ann") for _ in range(11)] == [True] * 10 + [False]


def test_logins_are_limited_each_for_itself(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.reserve("ann", HERE, NOON)

    assert allowed(limits, "bob")
    assert not allowed(limits, "ann", ELSEWHERE)


def test_an_address_may_fail_a_hundred_times_whatever_the_login(limits: SignInLimits) -> None:
    attempts = [allowed(limits, f"user {number}") for number in range(101)]

    assert attempts == [True] * 100 + [False]
    assert allowed(limits, "user 100", ELSEWHERE)


def test_a_refusal_by_address_is_not_counted_against_the_login(limits: SignInLimits) -> None:
    for number in range(100):
        limits.reserve(f"user {number}", HERE, NOON)
    for _ in range(20):
        refusal(limits, "ann")

    assert allowed(limits, "ann", ELSEWHERE)


def test_of_two_limits_the_later_time_is_told() -> None:
    rates = SignInRates(per_login=Limit(1, timedelta(minutes=1)), per_address=Limit(1, timedelta(minutes=9)))
    limits = SignInLimits(rates)
    limits.reserve("ann", HERE, NOON)

    assert refusal(limits, "ann").retry_at == NOON + timedelta(minutes=9)
    assert refusal(limits, "ann", ELSEWHERE).retry_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::9"),
        ("fe80::1%eth0", "fe80::2"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("a socket", "a socket"),
    ],
)
def test_addresses_of_one_subscriber_count_together(one: str, other: str) -> None:
    limits = SignInLimits(SignInRates(per_address=Limit(1, MINUTES_5)))
    limits.reserve("ann", one, NOON)

    assert not allowed(limits, "bob", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("192.0.2.1", "192.0.2.2"),
        ("", "192.0.2.1"),
    ],
)
def test_addresses_of_two_subscribers_count_apart(one: str, other: str) -> None:
    limits = SignInLimits(SignInRates(per_address=Limit(1, MINUTES_5)))
    limits.reserve("ann", one, NOON)

    assert allowed(limits, "bob", other)


def test_a_login_that_looks_like_an_address_does_not_count_as_one() -> None:
    limits = SignInLimits(SignInRates(per_login=Limit(1, MINUTES_5), per_address=Limit(1, MINUTES_5)))
    limits.reserve(HERE, ELSEWHERE, NOON)

    assert allowed(limits, ELSEWHERE, HERE)


@pytest.mark.parametrize("login", ["", "\0", "\ud800", "x" * 100_000])
def test_whatever_is_typed_as_a_login_is_counted(limits: SignInLimits, login: str) -> None:
    assert [allowed(limits, login) for _ in range(11)] == [True] * 10 + [False]


async def test_of_a_hundred_concurrent_attempts_exactly_ten_reach_the_password(limits: SignInLimits) -> None:
    checked = 0
    all_have_tried = asyncio.Barrier(100)

    async def sign_in(number: int) -> None:
        nonlocal checked
        granted = allowed(limits, "ann", f"192.0.2.{number}")
        await all_have_tried.wait()
        checked += granted

    await asyncio.gather(*[sign_in(number) for number in range(100)])

    assert checked == 10


def test_memory_is_bounded_and_the_least_recently_tried_is_forgotten_first() -> None:
    limits = SignInLimits(SignInRates(per_login=Limit(1, MINUTES_5), most_keys=3))
    for login in ("ann", "bob", "cid"):
        limits.reserve(login, HERE, NOON)

    refusal(limits, "ann")
    limits.reserve("dan", HERE, NOON)

    assert not allowed(limits, "ann")
    assert allowed(limits, "bob")


def test_at_most_ten_thousand_logins_and_as_many_networks_are_remembered(limits: SignInLimits) -> None:
    for number in range(10_050):
        limits.reserve(f"user {number}", f"10.1.{number >> 8}.{number & 255}", NOON)

    assert limits.remembered == 20_000


def test_what_is_over_is_forgotten(limits: SignInLimits) -> None:
    for number in range(1_000):
        limits.reserve(f"user {number}", f"10.1.{number >> 8}.{number & 255}", NOON)

    limits.reserve("ann", HERE, NOON + MINUTES_5)

    assert limits.remembered == 2


def kept(limits: SignInLimits) -> str:
    """All that is in memory of the attempts."""
    return str([vars(each) for each in vars(limits).values() if hasattr(each, "__dict__")])


def test_no_login_is_kept_in_memory(limits: SignInLimits) -> None:
    limits.reserve("ann@example.com", HERE, NOON)

    assert "datetime" in kept(limits)
    assert "ann" not in kept(limits)
    assert HERE not in kept(limits)


def test_what_one_server_keeps_of_a_login_tells_nothing_about_another(limits: SignInLimits) -> None:
    other = SignInLimits()

    limits.reserve("ann@example.com", HERE, NOON)
    other.reserve("ann@example.com", HERE, NOON)

    assert kept(limits) != kept(other)
