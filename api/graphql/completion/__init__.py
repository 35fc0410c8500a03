"""Fast completion of lists: writing a list of objects into the response with generated functions."""
