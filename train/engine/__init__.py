"""What every stage of training shares: the loop and what it needs."""
