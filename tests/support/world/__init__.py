"""The test data and the client of most tests: providers, portals and people, and the API as a client calls it.

The fixture `world` creates data. `ask` calls the real application over HTTP with a real token. The test moves `clock`.
"""

from tests.support.world.asking import Ask, Reply
from tests.support.world.clock import TestClock
from tests.support.world.passwords import HASHER, PASSWORD, at_productions_cost, hashed
from tests.support.world.people import Person
from tests.support.world.world import World

__all__ = ["HASHER", "PASSWORD", "Ask", "Person", "Reply", "TestClock", "World", "at_productions_cost", "hashed"]
