"""A world to test in: providers, portals and people as a test names them, and the API as a client calls it.

`world` sets things up, `ask` calls the real application over HTTP with a real token, `clock` is moved by hand.
"""

from tests.support.world.asking import Ask, Reply
from tests.support.world.clock import TestClock
from tests.support.world.passwords import HASHER, PASSWORD, at_productions_cost, hashed
from tests.support.world.people import Person
from tests.support.world.world import World

__all__ = ["HASHER", "PASSWORD", "Ask", "Person", "Reply", "TestClock", "World", "at_productions_cost", "hashed"]
