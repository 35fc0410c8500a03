"""Encryption on the way to the mail server, and signing in to it."""

from __future__ import annotations

import pytest

from tests.api.mail.smtp.transport import sent_to
from tests.support.mail.smtp import Certificate, MailServer, lets_in, mail_server


async def test_by_default_mail_is_encrypted_with_any_certificate(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(smtp.url) == "sent"

        assert [mail.was_encrypted for mail in smtp.received] == [True]


@pytest.mark.usefixtures("trusted")
async def test_required_encryption_is_used_with_a_server_that_is_trusted(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}?starttls=required") == "sent"

        assert [mail.was_encrypted for mail in smtp.received] == [True]


async def test_required_encryption_refuses_an_untrusted_server(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}?starttls=required") == "no-connection tls"

        assert smtp.received == []


async def test_required_encryption_that_the_server_lacks_is_no_mails_fault(smtp: MailServer) -> None:
    assert await sent_to(f"{smtp.url}?starttls=required") == "no-connection"
    assert smtp.received == []


async def test_encryption_can_be_forgone(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context) as smtp:
        assert await sent_to(f"{smtp.url}?starttls=never") == "sent"

        assert [mail.was_encrypted for mail in smtp.received] == [False]


async def test_a_password_is_not_sent_in_clear_to_a_server_without_starttls() -> None:
    authenticate = lets_in("gate", "right")
    async with mail_server(authenticator=authenticate, auth_require_tls=False) as smtp:
        assert await sent_to(f"smtp://gate:right@127.0.0.1:{smtp.port}") == "no-connection"
        assert smtp.received == []

        assert await sent_to(f"smtp://gate:right@127.0.0.1:{smtp.port}?starttls=never") == "sent"


async def test_production_sends_no_mail_in_clear_unless_a_setting_allows_it(smtp: MailServer) -> None:
    assert await sent_to(smtp.url, in_production=True) == "no-connection"
    assert smtp.received == []

    assert await sent_to(f"{smtp.url}?starttls=never", in_production=True) == "sent"


@pytest.mark.usefixtures("trusted")
async def test_a_server_may_be_encrypted_from_the_first_byte(tls: Certificate) -> None:
    async with mail_server(at_once=tls.context) as smtp:
        assert await sent_to(f"smtps://127.0.0.1:{smtp.port}") == "sent"

        assert len(smtp.received) == 1


async def test_a_server_encrypted_from_the_first_byte_has_to_be_trusted(tls: Certificate) -> None:
    async with mail_server(at_once=tls.context) as smtp:
        assert await sent_to(f"smtps://127.0.0.1:{smtp.port}") == "no-connection tls"


@pytest.mark.usefixtures("trusted")
async def test_a_user_and_password_of_any_characters_sign_in(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context, authenticator=lets_in("gate@msp.test", "p:/@ß")) as smtp:
        assert await sent_to(f"smtp://gate%40msp.test:p%3A%2F%40%C3%9F@127.0.0.1:{smtp.port}") == "sent"

        assert [mail.signed_in_as for mail in smtp.received] == ["gate@msp.test"]


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_password_is_no_mails_fault(tls: Certificate) -> None:
    async with mail_server(tls_context=tls.context, authenticator=lets_in("gate", "right")) as smtp:
        assert await sent_to(f"smtp://gate:wrong@127.0.0.1:{smtp.port}") == "sign-in 535 5.7.8"


async def test_a_password_is_not_sent_to_an_untrusted_server(tls: Certificate) -> None:
    asked: list[object] = []
    async with mail_server(tls_context=tls.context, authenticator=lambda *given: asked.append(given)) as smtp:
        assert await sent_to(f"smtp://gate:secret@127.0.0.1:{smtp.port}") == "no-connection tls"

    assert asked == []
