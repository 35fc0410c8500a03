"""Model classes for migrations. A class is built when a migration first needs it.

The classes describe the tables as they are between two steps of a migration. models/db/migrate.py applies migrations.
"""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.migrations.operations import DIRECT_RELATION_FIELDS
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model

Models = dict[tuple[str, str], ModelState]
"""The states of models that migrations have declared, by app label and model name."""


class LazyState(State):
    """The state of the tables between two steps of a migration. A model class is built on first use.

    Tortoise's own class builds every model class twice for each step, which takes most of a migration's time.
    """

    apps: LazyApps

    def __init__(self, models: Models, connections: dict[str, str]) -> None:
        super().__init__(models, LazyApps(models, connections))

    def clone(self) -> LazyState:
        return LazyState({key: model.clone() for key, model in self.models.items()}, self.apps.default_connections)

    def reload_model(self, app_label: str, model_name: str) -> None:
        self.apps.forget()

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        self.apps.forget()

    def validate_relations_initialized(self) -> None:
        """Raise RuntimeError if a model refers to a model that does not exist."""
        self.apps.make_all()
        super().validate_relations_initialized()


class LazyApps(StateApps):
    """A registry of model classes. A class is built on first use, together with the classes that it refers to.

    The classes describe tables to a schema editor. They cannot be queried, and have no reverse relations.
    """

    def __init__(self, models: Models, connections: dict[str, str]) -> None:
        super().__init__(connections)
        self.default_connections = connections
        self._models = models

    def get_model(self, app_label: str, model_name: str | None = None) -> type[Model]:
        key = self.split_reference(app_label) if model_name is None else (app_label, model_name)
        if key[1] not in self.apps.get(key[0], {}):
            self._make(key)
            self._init_relations()
        return super().get_model(*key)

    def make_all(self) -> None:
        for key in self._models:
            self._make(key)
        self._init_relations()

    def forget(self) -> None:
        self.apps.clear()

    def _make(self, key: tuple[str, str]) -> None:
        app, name = key
        if name in self.apps.get(app, {}) or key not in self._models:
            return
        self.register_model(app, self._models[key].render(self))
        for field in self._models[key].fields.values():
            if isinstance(field, DIRECT_RELATION_FIELDS):
                self._make(self.split_reference(field.model_name))
