"""The network of an IP address, which stands for one subscriber."""

from __future__ import annotations

import pytest

from rules.auth.networks import network_of, networks_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002::9"),
        ("fe80::1%eth0", "fe80::2"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("64:ff9b::c000:201", "192.0.2.1"),
        ("a socket", "a socket"),
    ],
)
def test_addresses_of_one_subscriber_are_one_source(one: str, other: str) -> None:
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("64:ff9b::c000:201", "64:ff9b::c000:202"),
        ("64:ff9b:0:0:0:1:c000:201", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.2"),
        ("", "192.0.2.1"),
    ],
)
def test_addresses_of_two_subscribers_are_two(one: str, other: str) -> None:
    assert network_of(one) != network_of(other)


def test_an_ipv6_address_is_in_networks_of_three_sizes_and_any_other_in_one() -> None:
    one, other = networks_of("2001:db8:1:2::1"), networks_of("2001:db8:1:3::1")

    assert [a == b for a, b in zip(one, other, strict=True)] == [False, True, True]
    assert networks_of("2001:db8:1:ff00::1")[1] != one[1]
    assert networks_of("2001:db8:1:ff00::1")[2] == one[2]
    assert [len(networks_of(each)) for each in ("192.0.2.1", "64:ff9b::c000:201", "a socket")] == [1, 1, 1]
