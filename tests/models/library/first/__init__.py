"""The migrations of the library, the example database for the tests of migrations, when it had only the first one."""
