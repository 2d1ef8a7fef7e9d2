"""The Checkpoints tab: add some, read their cards, see how they were measured."""
