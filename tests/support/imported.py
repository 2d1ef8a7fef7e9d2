"""What the server of commands imports before it forks: all that the commands' own modules import, but not these."""

import accelerate  # noqa: F401
import torch.utils.data
import torch.utils.tensorboard  # noqa: F401

import train.data.paired
import train.data.unpaired
import train.engine.loop
import train.engine.teachers
import train.losses.grains  # noqa: F401
