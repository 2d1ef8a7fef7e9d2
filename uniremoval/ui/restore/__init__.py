"""The Restore tab: one photo, several checkpoints, side by side."""
