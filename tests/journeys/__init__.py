"""The life of a user in each of the five products, through HTTP and SMTP, as people live it: by reading their mails."""
