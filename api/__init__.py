"""The HTTP server and the command line, with settings, tokens, mail transport and logs."""
