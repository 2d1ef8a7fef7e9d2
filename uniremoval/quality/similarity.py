"""MS-SSIM and FSIM, by pyiqa."""

from __future__ import annotations

import numpy as np
import torch
from pyiqa.archs import fsim_arch, ssim_arch


def ms_ssim(grey: np.ndarray, reference: np.ndarray) -> float:
    """Multi-scale structural similarity of HxW grey levels 0..255; nan where the two contradict each other."""
    x, y = (torch.from_numpy(image)[None, None].double() for image in (grey, reference))
    return float(ssim_arch.ms_ssim(x, y, data_range=255))


def fsim(pixels: np.ndarray, reference: np.ndarray) -> float:
    """Feature similarity with colour (FSIMc) of HxWx3 pixels in [0, 1], rounded to 8 bits."""
    x, y = (
        torch.from_numpy(np.rint(np.clip(image, 0, 1) * 255) / np.float32(255)).permute(2, 0, 1)[None]
        for image in (pixels, reference)
    )
    return float(fsim_arch.fsim(x, y))
