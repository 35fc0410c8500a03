"""Mail: the outbox, mails with and without links, caps per address, and the check before a mail is sent."""
