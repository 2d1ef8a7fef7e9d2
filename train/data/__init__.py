"""Training data: synthetic pairs and real photos."""
