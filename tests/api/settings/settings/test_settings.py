"""Settings: where they are read from, and how a bad value is reported."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.core.smtp_server import SmtpServer, StartTls
from api.security.secret_keys import SecretKeys
from api.settings.settings import Settings, load
from api.settings.settings_errors import SettingsError
from tests.api.settings.settings.reading import SECRET, fault


def test_nothing_need_be_set_in_development(tmp_path: Path) -> None:
    settings = load()

    assert (settings.env, settings.host, settings.port) == ("development", "localhost", 8000)
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite://{tmp_path}/data/gatehouse.sqlite3"
    assert (settings.issuer, settings.audience) == ("gatehouse", "gatehouse-api")
    assert settings.access_token_lifetime == timedelta(minutes=15)
    assert settings.previous_secret_keys == ()


def test_every_setting_is_explained() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_ENV", "production")
    monkeypatch.setenv("GATEHOUSE_PORT", "9000")
    monkeypatch.setenv("GATEHOUSE_DATABASE_URL", "postgres://gate:house@db/gatehouse")
    monkeypatch.setenv("GATEHOUSE_SECRET_KEY", SECRET)
    monkeypatch.setenv("GATEHOUSE_PREVIOUS_SECRET_KEYS", f"{'a' * 32} {'b' * 32}")
    monkeypatch.setenv("GATEHOUSE_ACCESS_TOKEN_LIFETIME", "PT10M")

    settings = load()

    assert (settings.env, settings.port) == ("production", 9000)
    assert settings.database_url == "postgres://gate:house@db/gatehouse"
    assert settings.secret == SECRET.encode()
    assert SecretKeys.of(settings).signing == (SECRET.encode(), b"a" * 32, b"b" * 32)
    assert settings.access_token_lifetime == timedelta(minutes=10)


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_PORT", "9000")

    assert load(port=9001).port == 9001


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_PORT", "")
    monkeypatch.setenv("GATEHOUSE_SECRET_KEY", "")

    settings = load()

    assert settings.port == 8000
    assert len(settings.secret) >= 32


def test_settings_do_not_change() -> None:
    settings = load()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("env", "staging", "GATEHOUSE_ENV: Input should be 'development' or 'production'"),
        ("port", "http", "GATEHOUSE_PORT: Input should be a valid integer"),
        ("port", "65536", "GATEHOUSE_PORT: Input should be less than or equal to 65535"),
        ("host", "a b", "GATEHOUSE_HOST: must be one word"),
        ("data_dir", "what?", "GATEHOUSE_DATA_DIR: must not hold ? or #"),
        ("database_url", "mysql://db/x", "GATEHOUSE_DATABASE_URL: must begin with sqlite://, postgres://"),
        ("secret_key", "x" * 31, "GATEHOUSE_SECRET_KEY: must be at least 32 bytes long"),
        ("secret_key", "correct horse battery staple and more", "GATEHOUSE_SECRET_KEY: must not hold white space"),
        ("previous_secret_keys", "x" * 31, "GATEHOUSE_PREVIOUS_SECRET_KEYS: must be at least 32 bytes long"),
        ("issuer", " ", "GATEHOUSE_ISSUER: must be one word"),
        ("audience", "a b", "GATEHOUSE_AUDIENCE: must be one word"),
        ("smtp_url", "http://mail.test", "GATEHOUSE_SMTP_URL: must look like smtp://user:password@host:587"),
        ("smtp_url", "smtp://mail.test?starttls=yes", "GATEHOUSE_SMTP_URL: may end with ?starttls=required or"),
        ("smtp_url", "smtp://gate@mail.test", "GATEHOUSE_SMTP_URL: must hold both a user and a password"),
        ("mail_from", "Gatehouse", "GATEHOUSE_MAIL_FROM: must be one e-mail address"),
        ("mail_from", "Gate\r\nBcc: <eve@evil.test>", "GATEHOUSE_MAIL_FROM: must be one e-mail address"),
        ("mail_from", "a@b.test, c@d.test", "GATEHOUSE_MAIL_FROM: must be one e-mail address"),
        ("link_base_url", "portal.test", "GATEHOUSE_LINK_BASE_URL: must be where the frontend is"),
        ("link_base_url", "javascript:alert(1)", "GATEHOUSE_LINK_BASE_URL: must be where the frontend is"),
        ("link_base_url", "https://portal.test/?a=b", "GATEHOUSE_LINK_BASE_URL: must be where the frontend is"),
        ("link_base_url", "https://portal.test/#x", "GATEHOUSE_LINK_BASE_URL: must be where the frontend is"),
        ("link_base_url", "https://portal.test/ x", "GATEHOUSE_LINK_BASE_URL: must be one word"),
        ("mail_worker", "outside", "GATEHOUSE_MAIL_WORKER: Input should be 'inside' or 'off'"),
        ("access_token_lifetime", "901", "GATEHOUSE_ACCESS_TOKEN_LIFETIME: must be whole seconds, at least one and"),
        ("access_token_lifetime", "0", "GATEHOUSE_ACCESS_TOKEN_LIFETIME: must be whole seconds, at least one and"),
        ("access_token_lifetime", "PT1.5S", "GATEHOUSE_ACCESS_TOKEN_LIFETIME: must be whole seconds"),
        ("access_token_lifetime", "10m", "GATEHOUSE_ACCESS_TOKEN_LIFETIME: must be seconds such as 600, or"),
    ],
)
def test_a_bad_value_is_reported_in_one_line_by_the_variables_name(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"GATEHOUSE_{setting.upper()}", value)

    told = fault()

    assert told.startswith(words)
    assert "\n" not in told
    assert ";" not in told.replace("; make one", "")


def test_all_bad_values_are_reported_at_once() -> None:
    told = fault(port=-1, host="a b")

    assert "GATEHOUSE_PORT" in told
    assert "GATEHOUSE_HOST" in told


def test_a_lifetime_may_be_given_in_seconds() -> None:
    assert load(access_token_lifetime="600").access_token_lifetime == timedelta(minutes=10)


def test_in_development_mail_has_a_sender_and_links_lead_to_this_machine(tmp_path: Path) -> None:
    settings = load()

    assert settings.smtp_server is None
    assert settings.mail_from == "Gatehouse <no-reply@localhost>"
    assert settings.link_base_url == "http://localhost:5173"
    assert settings.mail_folder == tmp_path / "data" / "mail"
    assert settings.mail_worker == "inside"


def test_in_production_a_mail_server_needs_a_sender_and_a_place_for_links() -> None:
    given = {"env": "production", "secret_key": SECRET}

    assert load(**given).smtp_server is None
    assert fault(**given, smtp_url="smtp://mail.test") == (
        "GATEHOUSE_LINK_BASE_URL and GATEHOUSE_MAIL_FROM must be set in production with GATEHOUSE_SMTP_URL"
    )
    assert fault(**given, smtp_url="smtp://mail.test", mail_from="a@b.test").startswith("GATEHOUSE_LINK_BASE_URL must")
    settings = load(**given, smtp_url="smtp://mail.test", mail_from="a@b.test", link_base_url="https://portal.test/x/")
    assert settings.smtp_server == SmtpServer("mail.test", 25, start_tls=StartTls.REQUIRED)
    assert settings.link_base_url == "https://portal.test/x"


def test_no_error_and_no_printout_shows_a_secret() -> None:
    short = "hunter2-hunter2"

    told = fault(secret_key=short, previous_secret_keys=short, smtp_url=f"smtp://u:{short}@mail.test:{short}")
    shown = repr(
        load(
            secret_key=SECRET,
            previous_secret_keys=SECRET,
            database_url=f"postgres://u:{SECRET}@db/x",
            smtp_url=f"smtp://u:{SECRET}@mail.test",
        )
    )

    assert short not in told
    assert SECRET not in shown


def test_an_error_has_no_cause_that_would_print_the_values() -> None:
    with pytest.raises(SettingsError) as refused:
        load(secret_key="hunter2")

    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_directory_that_cannot_be_made_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    assert fault() == f"GATEHOUSE_DATA_DIR: cannot use {tmp_path}/data: File exists"
