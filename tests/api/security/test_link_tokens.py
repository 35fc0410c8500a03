"""The tokens of links."""

from __future__ import annotations

from uuid import UUID

from api.security.link_tokens import LinkTokens

OLD, NEW = b"an-old-secret-of-32-bytes-or-more!!", b"a-new-secret-of-32-bytes-or-more!!!"
ROW = UUID(int=7)


def test_a_token_has_256_bits_and_is_the_same_for_the_same_row() -> None:
    links = LinkTokens([NEW])

    tokens = {links.token("RESET_PASSWORD", ROW, "nonce") for _ in range(3)}

    assert [len(token) for token in tokens] == [43]


def test_another_purpose_row_nonce_or_key_is_another_token() -> None:
    usual = LinkTokens([NEW]).token("RESET_PASSWORD", ROW, "nonce")

    others = [
        LinkTokens([NEW]).token("VERIFY_EMAIL", ROW, "nonce"),
        LinkTokens([NEW]).token("RESET_PASSWORD", UUID(int=8), "nonce"),
        LinkTokens([NEW]).token("RESET_PASSWORD", ROW, "other"),
        LinkTokens([OLD]).token("RESET_PASSWORD", ROW, "nonce"),
    ]

    assert len({usual, *others}) == 5


def test_after_a_change_of_key_a_link_made_before_is_still_known() -> None:
    before = LinkTokens([OLD]).token("RESET_PASSWORD", ROW, "nonce")

    known = list(LinkTokens([NEW, OLD]).tokens("RESET_PASSWORD", ROW, "nonce"))

    assert known == [LinkTokens([NEW]).token("RESET_PASSWORD", ROW, "nonce"), before]
