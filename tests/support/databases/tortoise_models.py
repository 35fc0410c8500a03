"""Keep what Tortoise computes about the models when a database is opened, for the next database of the same kind.

Without this, the computation would be most of the cost of a test on SQLite.
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
    """Open databases of this kind in the body of the `with` statement without computing the models' metadata again.

    The first opening computes and keeps the metadata.
    """
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
    """Set the metadata of the model classes to what Tortoise computed earlier for this kind of database."""
    for model, known in _METAS[kind].items():
        _restore(model._meta, known)


@contextmanager
def statements(kind: DatabaseKind) -> Iterator[None]:
    """Let Tortoise reuse the SQL texts that it composed for earlier databases of this kind while the body runs.

    At the end, keep the new texts for later databases.
    """
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
