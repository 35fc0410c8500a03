"""What Tortoise works out about the models for a kind of database, kept for the next test's database of that kind.

Tortoise works it out whenever a database is opened: most of what a test on SQLite would cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tortoise.apps import Apps
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.models import MetaInfo, Model

from tests.support.databases.database import KINDS, DatabaseKind

QUERIES = ("basetable", "basequery", "basequery_all_fields")
FIELDS = ("db_native_fields", "db_default_fields", "db_complex_fields")
FROM_MODELS = Apps._build_initial_querysets

_METAS: dict[DatabaseKind, dict[type[Model], dict[str, Any]]] = {kind: {} for kind in KINDS}
_STATEMENTS: dict[DatabaseKind, dict[Any, Any]] = {kind: {} for kind in KINDS}


@contextmanager
def remembered(kind: DatabaseKind) -> Iterator[None]:
    """A database of this kind that is opened by the body is opened with what is known of the models."""
    known = _METAS[kind]

    def build(apps: Apps) -> None:
        models = [model for app in apps.apps.values() for model in app.values()]
        if known.keys() >= set(models):
            restore(kind)
        else:
            FROM_MODELS(apps)
            known.update({model: _copy(model._meta) for model in models})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Apps, "_build_initial_querysets", build)
        yield


def restore(kind: DatabaseKind) -> None:
    """Give the models what is known of them for this kind of database."""
    for model, known in _METAS[kind].items():
        _restore(model._meta, known)


@contextmanager
def statements(kind: DatabaseKind) -> Iterator[None]:
    """The open database begins with the texts of the statements that an earlier one of its kind put together."""
    EXECUTOR_CACHE.clear()
    EXECUTOR_CACHE.update(_STATEMENTS[kind])
    yield
    _STATEMENTS[kind].update(EXECUTOR_CACHE)


def _copy(meta: MetaInfo) -> dict[str, Any]:
    kept = {name: getattr(meta, name) for name in QUERIES}
    return {**kept, "filters": {**meta.filters}, **{name: [*getattr(meta, name)] for name in FIELDS}}


def _restore(meta: MetaInfo, known: dict[str, Any]) -> None:
    # In place, as Tortoise does it: what is kept stays as it is when a test opens another kind of database.
    for name in QUERIES:
        setattr(meta, name, known[name])
    meta.filters.update(known["filters"])
    for name in FIELDS:
        getattr(meta, name)[:] = known[name]
