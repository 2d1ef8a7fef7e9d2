"""A visitor's state on the server, and its lifetime."""
