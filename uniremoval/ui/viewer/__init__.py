"""Panes side by side with one zoom and pan for all."""
