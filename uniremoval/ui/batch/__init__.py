"""The Batch tab: many photos."""
