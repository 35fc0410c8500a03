"""The first migration of `tests.models.library` (the small schema for tests of migrations), without the later ones."""
