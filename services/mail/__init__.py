"""Mail: the outbox, mails with and without links, caps per recipient, and the check before a mail is sent."""
