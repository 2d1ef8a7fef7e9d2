"""What the networks are trained on: synthetic pairs and real photos."""
