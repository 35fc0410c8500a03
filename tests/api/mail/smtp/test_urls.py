"""The URL that names the mail server."""

from __future__ import annotations

import pytest

from api.core.smtp_server import SmtpServer, StartTls


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.test", SmtpServer("mail.test", 25)),
        ("smtp://mail.test:587/", SmtpServer("mail.test", 587)),
        ("smtp://[::1]:25", SmtpServer("::1", 25)),
        ("smtps://mail.test", SmtpServer("mail.test", 465, tls_at_once=True)),
        ("smtp://u:p@mail.test?starttls=required", SmtpServer("mail.test", 25, "u", "p", start_tls=StartTls.REQUIRED)),
        ("smtp://mail.test?starttls=never", SmtpServer("mail.test", 25, start_tls=StartTls.NEVER)),
        ("smtp://u:p@mail.test?starttls=never", SmtpServer("mail.test", 25, "u", "p", start_tls=StartTls.NEVER)),
        ("smtp://a%40b:p%2Fq%20@h.test", SmtpServer("h.test", 25, "a@b", "p/q ", start_tls=StartTls.REQUIRED)),
    ],
)
def test_a_mail_server_is_given_as_a_url(url: str, server: SmtpServer) -> None:
    assert SmtpServer.at(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.test",
        "http://s3cret@mail.test",
        "smtp://",
        "smtp://s3cret:s3cret@",
        "smtp://s3cret@mail.test",
        "smtp://:s3cret@mail.test",
        "smtp://mail.test/s3cret",
        "smtp://mail.test:s3cret",
        "smtp://mail.test:99999",
        "smtp://mail.test?s3cret=1",
        "smtp://mail.test?starttls=s3cret",
        "smtp://s3cret:s3cret@mail.test?starttls=opportunistic",
        "smtp://mail.test?starttls=",
        "smtps://mail.test?starttls=never",
        "smtp://u:s3cret@mail.test#x",
    ],
)
def test_a_url_that_is_no_mail_server_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ValueError, match=r"^m(ust|ay) ") as refused:
        SmtpServer.at(url)

    assert "s3cret" not in str(refused.value)


def test_a_mail_servers_password_is_not_shown() -> None:
    assert "s3cret" not in repr(SmtpServer.at("smtp://gate:s3cret@mail.test"))
