"""Training of the three stages: `train.teacher`, `train.transfer`, `train.adapt`; measuring: `train.evaluate`."""
