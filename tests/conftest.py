"""The plugins with the fixtures that every test can use."""

pytest_plugins = ["tests.support.databases.fixtures", "tests.support.profiles", "tests.support.world.fixtures"]
