"""The life of a user in each of the five products, over HTTP and SMTP. Links and codes come from the received mails."""
