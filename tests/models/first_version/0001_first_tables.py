"""The first of Gatehouse's migrations, imported unchanged from models/migrations."""

from importlib import import_module

Migration = import_module("models.migrations.0001_first_tables").Migration
