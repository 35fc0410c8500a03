"""What every test can ask for."""

from hypothesis import settings

pytest_plugins = ["tests.databases", "tests.world"]

settings.register_profile("fuzz", max_examples=2_000, deadline=None)
