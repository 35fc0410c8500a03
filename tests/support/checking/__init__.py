"""Checks of every answer in the tests: error codes and messages are as the schema promises."""
