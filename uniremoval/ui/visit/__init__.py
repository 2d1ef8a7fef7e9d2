"""What a visitor has on the server, and for how long."""
