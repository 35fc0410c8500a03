"""Other servers that answer the users page: PostGraphile 5, Fastify with Mercurius, and a bare application."""
