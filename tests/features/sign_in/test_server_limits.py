"""The limits that the server names."""

from __future__ import annotations

from tests.support.world import Ask, World


async def test_every_caller_sees_the_server_s_limits(ask: Ask) -> None:
    document = (
        "{ server { version maxPageSize maxBulkUsers maxExcludedIds maxSearchLength maxReasonLength maxTicketLength } }"
    )

    server = (await ask(document)).data["server"]

    assert server.pop("version").count(".") >= 1
    assert server == {
        "maxPageSize": 100,
        "maxBulkUsers": 1000,
        "maxExcludedIds": 10_000,
        "maxSearchLength": 200,
        "maxReasonLength": 500,
        "maxTicketLength": 100,
    }


async def test_the_limits_that_the_server_names_are_those_that_it_keeps(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    limits = (await ask("{ server { maxPageSize maxSearchLength } }")).data["server"]
    document = "query ($n: Int, $text: String) { users(first: $n, search: $text) { totalCount } }"
    page, text = limits["maxPageSize"], "a" * limits["maxSearchLength"]

    fits = await ask(document, actor=ann, n=page, text=text)
    too_many = await ask(document, actor=ann, n=page + 1)
    too_long = await ask(document, actor=ann, text=f"{text}a")

    assert (fits.codes, too_many.codes, too_long.codes) == ([], ["BAD_USER_INPUT"], ["BAD_USER_INPUT"])
