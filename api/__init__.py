"""How it is reached: the Starlette app, tokens, settings, pages, the command line."""
