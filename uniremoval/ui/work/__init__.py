"""What is done to a visitor's photo."""
