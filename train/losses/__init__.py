"""Losses of the knowledge transfer and domain adaptation stages."""
