"""Serving the page: options, limits of the server, what leaves again."""
