"""The limits that the query `serverInfo` returns."""

from __future__ import annotations

from tests.support.world import Ask, World


async def test_every_caller_sees_the_server_s_limits(ask: Ask) -> None:
    document = (
        "{ server { version maxPageSize maxBulkUsers maxExcludedIds maxSearchLength maxReasonLength maxTicketLength"
        " maxValues maxBodyBytes maxAnonymousBodyBytes } }"
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
        "maxValues": 100_000,
        "maxBodyBytes": 1024 * 1024,
        "maxAnonymousBodyBytes": 64 * 1024,
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


async def test_a_body_is_as_long_as_the_server_says_with_and_without_a_token(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    limits = (await ask("{ server { maxBodyBytes maxAnonymousBodyBytes } }")).data["server"]
    signed_in = {"authorization": f"Bearer {await world.token(ann)}"}

    async def status(size: int, headers: dict[str, str]) -> int:
        body = '{"query": "{ server { version } }"}'.ljust(size)
        headers = {"content-type": "application/json", **headers}
        return (await ask.client.post("/graphql", content=body, headers=headers)).status_code

    most, most_anonymous = limits["maxBodyBytes"], limits["maxAnonymousBodyBytes"]

    assert [await status(most, signed_in), await status(most + 1, signed_in)] == [200, 413]
    assert [await status(most_anonymous, {}), await status(most_anonymous + 1, {})] == [200, 413]
