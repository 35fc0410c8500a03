"""What every test can ask for."""

pytest_plugins = ["tests.support.databases.fixtures", "tests.support.profiles", "tests.support.world.fixtures"]
