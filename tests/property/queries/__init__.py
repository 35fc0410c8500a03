"""Generated requests over the whole schema, answered twice: by compiled operations and by graphql-core."""
