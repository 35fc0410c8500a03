from importlib import import_module

Migration = import_module("tests.models.library.migrations.0001_initial").Migration
