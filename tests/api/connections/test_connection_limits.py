"""The limits of connections: deadlines, the connection that is closed if too many are open, and complete answers."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.support.processes.sockets import Answering, listening

HOST = "Host: localhost\r\n"
GET = f"GET /asked HTTP/1.1\r\n{HOST}\r\n"
POST = f"POST /asked HTTP/1.1\r\n{HOST}Content-Length: 3\r\n\r\n"
"""The head of a request with a body of three bytes."""


@pytest.fixture
def application() -> Answering:
    answering = Answering()
    answering.may_answer.set()
    return answering


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_head_that_takes_too_long_is_408(application: Answering) -> None:
    async with listening(application, head_seconds=0.01) as server:
        client = await server.client()
        await client.send(f"GET /asked HTTP/1.1\r\n{HOST}")

        assert (await client.answer()).startswith("408 close ")
        assert server.refused == ["head-timeout"]


async def test_a_later_head_that_takes_too_long_is_408_too(application: Answering) -> None:
    async with listening(application, head_seconds=0.05) as server:
        client = await server.client()
        await client.send(GET)
        first = await client.answer()
        await client.send("GET /la")

        assert [first, (await client.answer())[:9]] == ["200 GET /asked [host] .", "408 close"]


async def test_a_connection_that_asks_nothing_is_closed_without_a_word(application: Answering) -> None:
    async with listening(application, head_seconds=0.01) as server:
        client = await server.client()

        assert await client.ends()
        assert server.refused == []


async def test_a_body_that_takes_too_long_is_408_and_reported_to_the_application() -> None:
    application = Answering()
    async with listening(application, body_seconds=0.01) as server:
        client = await server.client()
        await client.send(POST + "ab")

        assert (await client.answer()).startswith("408 close ")
        await server.until(lambda: application.abandoned)
        assert server.refused == ["body-timeout"]


async def test_the_time_of_an_answer_is_not_the_clients() -> None:
    application = Answering()
    async with listening(application, head_seconds=0.01, body_seconds=0.01) as server:
        client = await server.client()
        await client.send(GET + POST, "a")  # the second is not read while the first is answered
        await server.until(lambda: application.asked)
        timers_of_the_client = await server.client()
        assert await timers_of_the_client.ends()
        application.may_answer.set()

        assert await client.answer() == "200 GET /asked [host] ."


async def test_an_idle_connection_is_closed(application: Answering) -> None:
    async with listening(application, idle_seconds=0.01) as server:
        client = await server.client()
        await client.send(GET)

        assert await client.answer() == "200 GET /asked [host] ."
        assert await client.ends()


async def test_blank_lines_do_not_keep_an_idle_connection_open(application: Answering) -> None:
    async with listening(application, idle_seconds=0.05) as server:
        client = await server.client()
        await client.send(GET)
        await client.answer()
        await client.send("\r\n\r\n")

        assert await client.ends()


async def test_a_client_that_does_not_read_its_answer_is_dropped(application: Answering) -> None:
    async with listening(application, send_seconds=0.05) as server:
        client = await server.client()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport, too
        await client.send(f"GET /asked?length=16000000 HTTP/1.1\r\n{HOST}\r\n")

        await server.until(lambda: server.refused)
        assert server.refused == ["send-timeout"]
        assert server.table.open == set()


# ── how many ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_connection_that_waits_longest_gives_way_to_a_new_one(application: Answering) -> None:
    async with listening(application, connections=3) as server:
        waiting = [await server.client() for _ in range(3)]
        for each in waiting:
            await each.send("GET /unfin")
        await server.until(lambda: len(server.table.open) == 3)
        newcomer = await server.client()
        await newcomer.send(GET)

        assert await newcomer.answer() == "200 GET /asked [host] ."
        assert await waiting[0].ends()
        assert server.refused == ["displaced"]
        await waiting[1].send(f"ished HTTP/1.1\r\n{HOST}\r\n")
        assert await waiting[1].answer() == "200 GET /unfinished [host] ."


async def test_a_newcomer_is_refused_only_when_every_connection_is_being_answered() -> None:
    application = Answering()
    async with listening(application, connections=2) as server:
        served = [await server.client() for _ in range(2)]
        for each in served:
            await each.send(GET)
        await server.until(lambda: len(application.asked) == 2)
        refused = [await server.client() for _ in range(3)]
        answers = [await each.answer() for each in refused[:1]]
        application.may_answer.set()

        assert answers[0].startswith("503 close ")
        assert [await each.answer() for each in served] == ["200 GET /asked [host] ."] * 2
        assert set(server.refused) == {"full", "displaced"}


async def test_a_client_that_reads_slowly_gives_way_too(application: Answering) -> None:
    async with listening(application, connections=1) as server:
        slow = await server.client()
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport, too
        await slow.send(f"GET /asked?length=16000000 HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")
        await server.until(lambda: application.asked and server.table.waiting)
        newcomer = await server.client()
        await newcomer.send(GET)

        assert await newcomer.answer() == "200 GET /asked [host] ."


async def test_more_requests_at_once_than_may_wait_end_the_connection(application: Answering) -> None:
    async with listening(application, pipelined=4) as server:
        client = await server.client()
        await client.send(GET * 20)
        answers = [await client.answer() for _ in range(6)]

        assert [answer[:3] for answer in answers] == ["200"] * 5 + [""]
        assert len(application.asked) == 5


async def test_refusals_of_a_kind_are_counted_each_and_logged_once_a_minute(application: Answering) -> None:
    now = iter((0.0, 1.0, 59.0, 60.0))
    with capture_logs() as logs:
        async with listening(application, clock=lambda: next(now)) as server:
            for _ in range(4):
                client = await server.client()
                await client.send("nonsense\r\n\r\n")
                assert (await client.answer()).startswith("400 close ")

    assert server.refused == ["malformed"] * 4
    assert [(line["event"], line["kind"], line["connections"]) for line in logs] == [
        ("connection.refused", "malformed", 1),
        ("connection.refused", "malformed", 3),
    ]


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_refused_client_that_still_sends_reads_its_answer(application: Answering) -> None:
    async with listening(application) as server:
        client = await server.client()
        await client.send(f"GET /asked HTTP/1.1\r\n{HOST}X: {'a' * 33_000}", *["a" * 60_000] * 20)

        assert (await client.answer()).startswith("431 close ")


async def test_what_is_refused_behind_a_request_does_not_take_its_answer() -> None:
    application = Answering()
    async with listening(application) as server:
        client = await server.client()
        await client.send(GET + "nonsense\r\n\r\n")
        await server.until(lambda: server.refused)
        application.may_answer.set()

        assert await client.answer() == "200 GET /asked [host] ."
        assert await client.ends()


async def test_while_draining_what_has_begun_is_answered_and_told_to_close() -> None:
    application = Answering()
    async with listening(application, drain_seconds=0.05) as server:
        answering, sending, idle = [await server.client() for _ in range(3)]
        await answering.send(GET)
        await sending.send(POST)
        await server.until(lambda: len(application.asked) == 2 and len(server.table.open) == 3)

        server.table.is_draining = True
        for connection in list(server.state.connections):
            connection.shutdown()
        await sending.send("abc")
        application.may_answer.set()

        assert await answering.answer() == "200 close GET /asked [host] ."
        assert await sending.answer() == "200 close POST /asked [content-length host] abc."
        assert await idle.ends()


async def test_an_idle_connection_may_still_ask_while_draining(application: Answering) -> None:
    async with listening(application) as server:
        client = await server.client()
        await client.send(GET)
        await client.answer()
        server.table.is_draining = True
        for connection in list(server.state.connections):
            connection.shutdown()
        await client.send(GET)

        assert await client.answer() == "200 close GET /asked [host] ."
        assert await client.ends()
