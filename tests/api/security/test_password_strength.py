"""Which passwords are easily guessed, how long an estimate takes, and how words about the user count."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from api.security.password_strength import MOST_SUBSTITUTED, WAITING, PasswordStrength, _judged, _readings, weakness
from rules.refusals import Code, Refusal, WeakPasswordReason

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
WORDS = ("Bartholomew", "Wigglesworth", "bart@acme.test", "Acme Corporation", "acme")
SUBSTITUTES = "4@8({[<369!|1$507+2%"

WEAK = [
    "passwordpassword",
    "qwertyuiopasdfghjkl",
    "P@ssw0rdP@ssw0rd",
    "1234567890123456",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnopqrstuvwxyz",
    "acme corporation",
    "bartholomew.acme",
    "b4rth0l0m3w.4cm3",
    "BartholomewWigglesworth-bart@acme.test",
    "wigglesworth2026",
    "bart@acme.test 1",
    "htrowselggiw1990",
    "dragondragondragondragon",
]
GOOD = [
    "tidal mangrove quartz",
    "correct horse battery staple",
    "alle meine entchen schwimmen",
    "Xk29-plover-Tn77-gull",
    "bartholomew likes muddy harbours",
    "zh4GK2-9vq!Wm8+Td3",
]


@pytest.fixture
def strength() -> Iterator[PasswordStrength]:
    strength = PasswordStrength(now=lambda: NOON)
    yield strength
    strength.close()


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def gated(gate: threading.Event) -> Iterator[PasswordStrength]:
    """Return an estimator that begins its estimates only after the test has opened the gate."""

    def estimate(password: str, words: Sequence[str]) -> WeakPasswordReason | None:
        assert gate.wait(timeout=30)
        return weakness(password, words)

    strength = PasswordStrength(now=lambda: NOON, estimate=estimate)
    yield strength
    gate.set()
    strength.close()


@pytest.mark.parametrize("password", WEAK)
def test_common_passwords_patterns_and_own_words_are_guessable(password: str) -> None:
    assert weakness(password, WORDS)


@pytest.mark.parametrize("password", GOOD)
def test_a_few_unrelated_words_or_random_characters_are_not_guessable(password: str) -> None:
    assert not weakness(password, WORDS)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("passwordpassword", WeakPasswordReason.COMMON),
        ("qwertyuiopasdfgh", WeakPasswordReason.COMMON),
        ("xaveriaquillenbrook", WeakPasswordReason.CONTAINS_PERSONAL_DATA),
        ("tidal mangrove quartz", None),
    ],
)
def test_a_guessable_password_has_a_reason(password: str, reason: WeakPasswordReason | None) -> None:
    assert weakness(password, ("Xaveria", "Quillenbrook")) is reason


@pytest.mark.parametrize("part", ["xaveriaquillenbrook", "Xaveria.Quillenbrook.", "quillenbrookXAVERIA2"])
def test_own_words_are_guessable_however_often_they_are_repeated(part: str) -> None:
    words = ("xaveriaquillenbrook", "Xaveria.Quillenbrook", "quillenbrookxaveria")

    assert [weakness((part * times)[:128], words) for times in (1, 3, 6, 7)] == [
        WeakPasswordReason.CONTAINS_PERSONAL_DATA
    ] * 4


@pytest.mark.parametrize("length", [1, 40, 100, 128])
@pytest.mark.parametrize("alphabet", [SUBSTITUTES, "1|!7", "0123456789", "pa$w0rd4@1"])
def test_the_work_for_substituted_characters_is_bounded(alphabet: str, length: int) -> None:
    password = (alphabet * 128)[:length]

    judged = _judged(password)

    assert password.startswith(judged)
    assert _readings(judged) * len(judged) ** 2 <= MOST_SUBSTITUTED
    assert len(judged) >= min(length, 16)


@pytest.mark.parametrize("password", ["", "\ud800" * 20, "\U0001f511" * 128, "\0" * 40])
def test_any_text_is_estimated(password: str) -> None:
    assert weakness(password, ("\ud800\ud800\ud800", "")) in (None, *WeakPasswordReason)


async def test_own_words_are_never_held_against_the_password_of_another(strength: PasswordStrength) -> None:
    names = ["xaveriaquillenbrook", "thistlewaitebarnaby"]

    found = await asyncio.gather(
        *(strength.weakness(name * 6, [word], (name, word)) for name in names for word in names)
    )

    alone = [weakness(name * 6, [word]) for name in names for word in names]
    own = WeakPasswordReason.CONTAINS_PERSONAL_DATA
    assert found == alone == [own, None, None, own]


async def test_one_account_has_one_estimate_at_a_time(gated: PasswordStrength, gate: threading.Event) -> None:
    first = asyncio.create_task(gated.weakness("tidal mangrove quartz", (), "bob"))
    other = asyncio.create_task(gated.weakness("tidal mangrove quartz", (), "eve"))
    await asyncio.sleep(0)

    with pytest.raises(Refusal) as refused:
        await gated.weakness("another quiet lantern", (), "bob")

    assert (refused.value.code, refused.value.retry_at) == (Code.RATE_LIMITED, NOON + timedelta(seconds=2))
    gate.set()
    assert (await first, await other) == (None, None)
    assert not await gated.weakness("another quiet lantern", (), "bob")


async def test_when_the_queue_of_estimates_is_full_the_next_is_refused(
    gated: PasswordStrength, gate: threading.Event
) -> None:
    waiting = [asyncio.create_task(gated.weakness("tidal mangrove quartz", (), n)) for n in range(WAITING)]
    await asyncio.sleep(0)

    with pytest.raises(Refusal) as refused:
        await gated.weakness("tidal mangrove quartz", (), "one more")

    assert refused.value.code is Code.RATE_LIMITED
    gate.set()
    assert await asyncio.gather(*waiting) == [None] * WAITING
