"""A program that runs the server without rate limits, because all sign-ins of the measurement come from one network."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace

from api.parts import make_parts
from api.server import serve
from api.settings.settings import load
from rules.auth.rate_limits import Limit, RateLimits
from rules.messages.rate_limits import RateLimitMessage

UNLIMITED = RateLimits(*[Limit(RateLimitMessage.LINKS, 10**9)] * 5)


def main(descriptor: int) -> None:
    parts = make_parts(load())
    parts = replace(parts, ports=replace(parts.ports, limits=UNLIMITED))
    serve(parts, [socket.socket(fileno=descriptor)], lambda: None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
