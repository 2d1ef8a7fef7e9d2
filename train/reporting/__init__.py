"""Figures and pictures of results."""
