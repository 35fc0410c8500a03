"""Passwords are hashed with argon2id. A comparison takes as long as a hash."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError

from api.security.password_hashing import PasswordPool, hash_now
from rules.auth.passwords import PasswordContext, check_length
from rules.refusals import Code, Refusal
from tests.api.security.hashing import HERE, RIGHT, now

RIGHT_HASHED = hash_now(RIGHT)


class CountingHasher(PasswordHasher):
    """A hasher that records the hashes with which passwords were compared."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self.compared: list[str | bytes] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.compared.append(hash)
        return super().verify(hash, password)


async def test_the_right_password_is_right_and_any_other_is_wrong(pool: PasswordPool) -> None:
    hashed = await pool.hash(RIGHT, HERE)

    assert await pool.verify(RIGHT, hashed, HERE)
    assert not await pool.verify(RIGHT + " ", hashed, HERE)
    assert not await pool.verify("", hashed, HERE)


async def test_a_password_is_hashed_with_argon2id_at_19_mib_two_passes_and_one_lane(pool: PasswordPool) -> None:
    hashed = await pool.hash(RIGHT, HERE)

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed != await pool.hash(RIGHT, HERE)


async def test_the_command_lines_hash_is_good_in_the_pool(pool: PasswordPool) -> None:
    assert await pool.verify(RIGHT, hash_now(RIGHT), HERE)


async def test_a_password_is_the_same_from_every_keyboard(pool: PasswordPool) -> None:
    composed, decomposed, full_width = "Zo\u00eb 12345", "Zoe\u0308 12345", "Zo\u00eb \uff11\uff12\uff13\uff14\uff15"

    hashed = await pool.hash(composed, HERE)

    assert await pool.verify(decomposed, hashed, HERE)
    assert await pool.verify(full_width, hashed, HERE)


async def test_capitals_and_nul_make_a_difference(pool: PasswordPool) -> None:
    hashed = await pool.hash("secret\0tail", HERE)

    assert not await pool.verify("Secret\0tail", hashed, HERE)
    assert not await pool.verify("secret", hashed, HERE)
    assert await pool.verify("secret\0tail", hashed, HERE)


@pytest.mark.parametrize(
    ("password", "hashed"),
    [
        pytest.param("a wrong one", RIGHT_HASHED, id="wrong"),
        pytest.param(RIGHT, None, id="no such account"),
        pytest.param("x" * 513, RIGHT_HASHED, id="too long"),
        pytest.param("\u0301" * 524_288, RIGHT_HASHED, id="a mebibyte of combining marks"),
        pytest.param("\ud800", RIGHT_HASHED, id="half a surrogate pair"),
        pytest.param("x" * 513, None, id="too long for no account"),
    ],
)
async def test_every_wrong_answer_costs_one_comparison_with_the_same_parameters(
    password: str, hashed: str | None
) -> None:
    hasher = CountingHasher()
    pool = PasswordPool(now=now, hasher=hasher)

    right = await pool.verify(password, hashed, HERE)

    assert not right
    assert [str(each).split("$")[1:4] for each in hasher.compared] == [["argon2id", "v=19", "m=19456,t=2,p=1"]]
    pool.close()


async def test_an_account_without_a_password_has_no_right_one(pool: PasswordPool) -> None:
    for guess in ("", "a wrong password", RIGHT):
        assert not await pool.verify(guess, None, HERE)


@pytest.mark.parametrize(
    "character", ["\U0001f511", "\u1112\u1161\u11ab"], ids=["a symbol", "a syllable of three letters"]
)
async def test_128_characters_of_any_script_are_a_password(pool: PasswordPool, character: str) -> None:
    longest = character * 128
    check_length(longest, PasswordContext((), has_second_factor=False))

    hashed = await pool.hash(longest, HERE)

    assert await pool.verify(longest, hashed, HERE)
    assert not await pool.verify(character * 127, hashed, HERE)


@pytest.mark.parametrize("password", ["x" * 513, "\u0301" * 513, "\ud800"])
async def test_what_could_never_be_verified_is_never_hashed(pool: PasswordPool, password: str) -> None:
    with pytest.raises(Refusal) as refused:
        await pool.hash(password, HERE)

    assert refused.value.code is Code.INVALID_INPUT
    assert password not in refused.value.message


async def test_a_stored_hash_that_is_none_is_a_bug_and_raises(pool: PasswordPool) -> None:
    with pytest.raises(InvalidHashError):
        await pool.verify(RIGHT, "not a hash", HERE)


async def test_a_hash_with_earlier_parameters_is_good_and_asks_to_be_made_anew(pool: PasswordPool) -> None:
    earlier = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(RIGHT)

    assert await pool.verify(RIGHT, earlier, HERE)
    assert pool.needs_rehash(earlier)
    assert not pool.needs_rehash(RIGHT_HASHED)
