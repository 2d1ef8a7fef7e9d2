"""Restoring, scoring and exporting a visitor's photo."""
