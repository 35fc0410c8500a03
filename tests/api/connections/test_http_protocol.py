"""The limits on the size and time of a request. Bytes of a body are never parsed as a request."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from api.connections.http_protocol import HttpProtocol
from tests.support.processes.sockets import Answering, Client, Listening, listening

HOST = "Host: localhost\r\n"
GET = f"GET /asked HTTP/1.1\r\n{HOST}\r\n"
SMUGGLED = f"GET /smuggled HTTP/1.1\r\n{HOST}\r\n"
H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
WEBSOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
OFFERS = pytest.mark.parametrize(
    "offer", [H2C, WEBSOCKET, "Connection: upgrade\r\nUpgrade: anything\r\n"], ids=["h2c", "websocket", "anything"]
)


@pytest.fixture
def application() -> Answering:
    answering = Answering()
    answering.may_answer.set()
    return answering


@pytest.fixture
async def server(application: Answering) -> AsyncIterator[Listening]:
    async with listening(application) as started:
        yield started


@pytest.fixture
async def client(server: Listening) -> Client:
    return await server.client()


def post(body: str, headers: str = "", path: str = "/asked") -> tuple[str, str]:
    return f"POST {path} HTTP/1.1\r\n{HOST}Content-Length: {len(body)}\r\n{headers}\r\n", body


# ── offers to leave HTTP/1.1 ─────────────────────────────────────────────────────────────────────────────────────────


@OFFERS
@pytest.mark.parametrize("in_segments", [True, False])
async def test_a_post_that_offers_an_upgrade_is_an_ordinary_request(
    client: Client, application: Answering, offer: str, in_segments: bool
) -> None:
    head, body = post(SMUGGLED, offer)

    await client.send(*((head, body) if in_segments else (head + body,)), GET)
    answers = [await client.answer(), await client.answer()]

    assert answers[0].startswith("200 POST /asked [")
    assert answers[0].endswith(f"] {SMUGGLED}.")
    assert answers[1] == "200 GET /asked [host] ."
    assert application.asked == ["/asked", "/asked"]


async def test_an_upgrade_offered_byte_by_byte_and_in_chunks_is_declined(client: Client) -> None:
    head = f"POST /asked HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n{H2C}\r\n"

    await client.send(*head, f"{len(SMUGGLED):x}\r\n{SMUGGLED}\r\n0\r\n\r\n")

    assert (await client.answer()).endswith(f"] {SMUGGLED}.")


async def test_offers_in_requests_that_wait_for_earlier_ones_are_declined(client: Client) -> None:
    offering = "".join(post("one", H2C)) + "".join(post("two", H2C))

    await client.send(GET + offering + GET)
    answers = [await client.answer() for _ in range(4)]

    assert [answer.split("]")[1] for answer in answers] == [" .", " one.", " two.", " ."]


async def test_a_websocket_handshake_is_an_ordinary_request_while_none_are_served(client: Client) -> None:
    await client.send(f"GET /asked HTTP/1.1\r\n{HOST}{WEBSOCKET}\r\n")

    assert (await client.answer()).startswith("200 GET /asked [")


@pytest.mark.parametrize(
    "request_line", ["CONNECT localhost:1 HTTP/1.1", "PRI * HTTP/2.0", "GET /asked HTTP/2.0", "GET /asked"]
)
async def test_what_is_not_http_1_is_refused(client: Client, application: Answering, request_line: str) -> None:
    await client.send(f"{request_line}\r\n{HOST}\r\n")

    assert (await client.answer()).startswith("400 close ")
    assert await client.ends()
    assert application.asked == []


# ── heads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hosts", ["", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhost: other\r\n"])
async def test_a_request_names_one_host(client: Client, application: Answering, hosts: str) -> None:
    await client.send(f"GET /asked HTTP/1.1\r\n{hosts}\r\n")

    assert (await client.answer()).startswith("400 close ")
    assert application.asked == []


async def test_a_probe_of_http_1_0_needs_no_host(client: Client) -> None:
    await client.send("GET /livez HTTP/1.0\r\n\r\n")

    assert await client.answer() == "200 close GET /livez [] ."


@pytest.mark.parametrize(
    "head",
    [
        f"GET /asked HTTP/1.1\r\n{HOST}X: {'a' * 33_000}\r\n\r\n",
        f"GET /asked?{'a' * 33_000} HTTP/1.1\r\n{HOST}\r\n",
        f"GET /asked HTTP/1.1\r\n{HOST}" + "X: a\r\n" * 100 + "\r\n",
        f"GET /asked HTTP/1.1\r\n{HOST}X: {'a' * 33_000}",
        f"GET /asked HTTP/1.1\r\n{HOST}X: {' ' * 33_000}",
    ],
    ids=["a long header", "a long target", "many headers", "an unfinished header", "blanks"],
)
async def test_a_head_that_is_too_long_is_431_before_the_application(
    client: Client, server: Listening, application: Answering, head: str
) -> None:
    await client.send(head)

    assert (await client.answer()).startswith("431 close ")
    assert application.asked == []
    assert server.refused == ["head-too-large"]


async def test_a_long_head_behind_another_request_is_not_asked(client: Client, application: Answering) -> None:
    await client.send(f"{GET}GET /long HTTP/1.1\r\n{HOST}X: {'a' * 33_000}\r\n\r\n")

    assert await client.answer() == "200 GET /asked [host] ."
    assert await client.ends()
    assert application.asked == ["/asked"]


async def test_a_head_within_the_limits_is_answered_also_before_a_long_body(client: Client) -> None:
    head, body = post("b" * 100_000, f"X: {'a' * 30_000}\r\n" + "Y: a\r\n" * 90)

    await client.send(head + body)

    assert (await client.answer()).endswith(f"] {body}.")


async def test_a_trailer_is_no_header_and_may_not_be_endless(client: Client, server: Listening) -> None:
    chunked = f"POST /asked HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"

    await client.send(f"{chunked}Authorization: Bearer x\r\n\r\n")
    answered = await client.answer()
    await client.send(chunked, *(["X: " + "a" * 60_000] * 12))
    refused = await client.answer()

    assert answered == "200 POST /asked [host transfer-encoding] abc."
    assert refused.startswith("400 close ")
    assert server.refused == ["malformed"]


async def test_an_endless_head_is_kept_no_longer_than_the_limit(client: Client, server: Listening) -> None:
    await client.send(f"GET /asked HTTP/1.1\r\n{HOST}X: {'a' * 33_000}")
    await client.answer()

    (connection,) = server.table.open
    assert isinstance(connection, HttpProtocol)
    for _ in range(64):
        connection.data_received(b"a" * 65_536)

    assert connection._fed < 40_000
