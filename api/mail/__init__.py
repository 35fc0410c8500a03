"""Mail transport: rendering, SMTP, the worker, and the mailbox of development."""
