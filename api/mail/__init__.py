"""Rendering and sending of mail: templates, SMTP, the mail worker, and a page with the mails of development."""
