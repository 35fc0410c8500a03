"""The command, the server and nginx as real processes, and the server's protocol on a real socket."""
