"""How the processes of one run end."""

from __future__ import annotations

import atexit

import torch
from accelerate import Accelerator


def end_together(accelerator: Accelerator) -> None:
    """Wait for all processes, and end their group when this one exits: gloo aborts a process that leaves a group while
    others are at work, which torchrun takes for a failed run."""
    accelerator.wait_for_everyone()
    if accelerator.num_processes > 1:
        atexit.register(_end_group)


def _end_group() -> None:
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
