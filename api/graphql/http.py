"""GraphQL over HTTP: parsing of requests, and the media type of answers.

The code follows the GraphQL-over-HTTP specification, edition of September 2026. api/graphql/endpoint.py chooses the
status of answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from json import JSONDecodeError, JSONDecoder
from typing import NamedTuple, NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request

from api.graphql.cost.limits import Limits, too_complex
from rules.refusals import Code, Refusal

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"

# JSON comes first, and is chosen if the Accept header is absent or */*. Such a client may be old, and take a status other
# than 200 for a failure of the network. Only a client that names the new type gets its status codes.
_OFFERED = (JSON, GRAPHQL)
_QUALITY = re.compile(r"\d{1,9}(\.\d{0,9})?|\.\d{1,9}")
_KEYS = frozenset({"query", "operationName", "variables", "extensions"})


class BadHttpRequest(Exception):
    """Raised if an HTTP request is not a GraphQL request. The answer has the status `status`."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.refusal = Refusal(Code.BAD_USER_INPUT, message)
        self.headers = headers or {}


class GraphQLRequest(NamedTuple):
    """A well-formed GraphQL request."""

    query: str
    operation_name: str | None
    variables: dict[str, object]


def answer_type(headers: Headers) -> str | None:
    """Return the media type that the Accept header prefers: GRAPHQL or JSON. Return None if neither is accepted."""
    accept = _accept(headers)
    return _remembered_type(accept) if len(accept) <= _MOST_REMEMBERED else _best_type(accept)


def _best_type(accept: str) -> str | None:
    if not accept.strip(" \t,"):
        return JSON
    ranges: dict[str, tuple[float, int]] = {}
    for place, (name, quality) in enumerate(_accepted(accept)):
        ranges.setdefault(name, (quality, -place))

    likings = {}
    for offered in _OFFERED:
        # The most specific range decides on a type. A named type precedes a wildcard, and the first named type precedes all.
        decisive = next((name for name in (offered, "application/*", "*/*") if name in ranges), None)
        if decisive and ranges[decisive][0] > 0:
            quality, place = ranges[decisive]
            likings[offered] = (quality, decisive == offered, place)
    return max(likings, key=lambda offered: likings[offered], default=None)


# Clients send few different headers.
_MOST_REMEMBERED = 200
"""The maximum length of an Accept header whose preferred media type is cached, in characters."""
_remembered_type = lru_cache(maxsize=256)(_best_type)


def names_html(headers: Headers) -> bool:
    """Return whether the Accept header names text/html, as the headers of browsers do. A wildcard is not enough."""
    return any(name == "text/html" and quality > 0 for name, quality in _accepted(_accept(headers)))


def _accept(headers: Headers) -> str:
    return ",".join(headers.getlist("accept"))


def _accepted(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        name, parameters = _media_type(part)
        # Some invalid weights of RFC 9110, 12.4.2 are read as intended, because old clients write q=.2.
        weight = parameters.get("q", "")
        quality = min(float(weight), 1.0) if _QUALITY.fullmatch(weight) else 1.0
        if name and parameters.get("charset", "utf-8") == "utf-8":
            yield name, quality


def _media_type(text: str) -> tuple[str, dict[str, str]]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    pairs = (parameter.partition("=") for parameter in parameters)
    return name, {key.strip(): value.strip().strip('"') for key, _, value in pairs}


def check_method(request: Request) -> None:
    """Raise BadHttpRequest if the method is not GET, HEAD or POST."""
    if request.method not in ("GET", "HEAD", "POST"):
        raise BadHttpRequest(405, "GraphQL is served to GET, HEAD and POST.", headers={"Allow": "GET, HEAD, POST"})


async def read(request: Request, limits: Limits) -> GraphQLRequest:
    """Return the GraphQL request in a GET, HEAD or POST.

    Raise BadHttpRequest if the HTTP request is not a GraphQL request, or if its body is too long. Raise
    Refusal(PERSISTED_QUERY_NOT_SUPPORTED) if the request has only a hash of the document. Raise Refusal(TOO_COMPLEX) if
    the body exceeds `limits.structure`.
    """
    if request.method != "POST":
        return _asked(_from_url(request))
    return _asked(await read_json(request, limits))


async def read_json(request: Request, limits: Limits) -> object:
    """Return the JSON value in the body of a POST.

    Raise BadHttpRequest if the body is not JSON or is too long. Raise Refusal(TOO_COMPLEX) if the body exceeds
    `limits.structure`.
    """
    check_content_type(request.headers, JSON)
    is_anonymous = "authorization" not in request.headers
    body = await read_body(request, min(limits.body, limits.anonymous_body) if is_anonymous else limits.body)
    # Count before parsing. Commas and brackets in strings count too, because no request needs as many.
    if len(body) > limits.structure and sum(map(body.count, (b"[", b"{", b","))) > limits.structure:
        too_complex(f"the body holds more than {limits.structure} lists, objects and commas")
    return decoded_json(body, "The body")


def check_content_type(headers: Headers, media_type: str) -> None:
    """Raise BadHttpRequest if the body is compressed, or if it is not of the media type `media_type` in UTF-8."""
    if "content-encoding" in headers and any(
        coding.strip().lower() not in ("", "identity") for coding in headers.getlist("content-encoding")
    ):
        raise BadHttpRequest(415, "Send the body without Content-Encoding.", headers={"Accept-Encoding": "identity"})
    given = headers.getlist("content-type")
    if given == [media_type]:
        return
    name, parameters = _media_type(given[0]) if len(given) == 1 else ("", {})
    if name != media_type or parameters.get("charset", "utf-8") != "utf-8":
        raise BadHttpRequest(415, f"Send the request with Content-Type: {media_type}, in UTF-8.")


async def read_body(request: Request, most_bytes: int) -> bytes:
    """Return the body of the request. Raise BadHttpRequest if the body has more than `most_bytes` bytes."""
    # Content-Length may be absent or wrong. A too great length only saves reading the body.
    announced = request.headers.get("content-length", "")
    body = bytearray()
    if not (announced.isdecimal() and int(announced[:20]) > most_bytes):
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                break
        else:
            return bytes(body)
    # Without `Connection: close` the server would go on reading the rest of the body.
    raise BadHttpRequest(413, f"The body is longer than {most_bytes} bytes.", headers={"Connection": "close"})


def _from_url(request: Request) -> dict[str, object]:
    try:
        pairs = parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise BadHttpRequest(400, "The URL's query is not UTF-8.") from None
    given: dict[str, object] = {}
    for name, text in pairs:
        if name in given:
            raise BadHttpRequest(400, f"The URL names {name} twice.")
        if name in ("query", "operationName"):
            given[name] = text
        elif name in ("variables", "extensions") and text:
            given[name] = decoded_json(text.encode(), name)
    return given


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError("An object names a key twice.")
    return names


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"An integer has more than {_MOST_DIGITS} digits.")
    return int(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number.")


# Conversion takes quadratic time. check_variables refuses shorter integers that are too great, and names their place.
_MOST_DIGITS = 1_000

# Not orjson, which accepts duplicate keys and reads an integer of more than 64 bits as another number.
_decoder = JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_refuse)


def decoded_json(text: bytes, what: str) -> object:
    """Return the JSON value in `text`. Raise BadHttpRequest if `text` is not JSON. The message begins with `what`."""
    try:
        return _decoder.decode(text.decode())
    except JSONDecodeError as error:
        reason = f"{error.msg} at line {error.lineno}, column {error.colno}."
    except UnicodeDecodeError:
        reason = "It is not UTF-8."
    except RecursionError:
        reason = "It is nested too deeply."
    except ValueError as error:
        reason = str(error)
    raise BadHttpRequest(400, f"{what} cannot be read as JSON. {reason}")


def _asked(request: object) -> GraphQLRequest:
    if not isinstance(request, dict):
        raise BadHttpRequest(400, "The body must be one JSON object; batches are not served.")
    query, operation_name = request.get("query"), request.get("operationName")
    if query is None and "persistedQuery" in _optional_object(request, "extensions"):
        # Clients compare this message, and send whole documents afterwards.
        raise Refusal(Code.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")
    if not request.keys() <= _KEYS:
        raise BadHttpRequest(400, "The body may hold query, operationName, variables and extensions, and no other key.")
    if not isinstance(query, str):
        raise BadHttpRequest(400, "query must be a string that holds a GraphQL document.")
    if not isinstance(operation_name, str | None):
        raise BadHttpRequest(400, "operationName must be a string or null.")
    _optional_object(request, "extensions")
    # A form sends an empty name if no operation is named.
    return GraphQLRequest(query, operation_name or None, _optional_object(request, "variables"))


def _optional_object(request: dict[str, object], name: str) -> dict[str, object]:
    value = request.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadHttpRequest(400, f"{name} must be an object or null.")
    return value
