"""BRISQUE, PIQE and NIQE of grey levels, from pyiqa's parts.

pyiqa's own functions differ from the published measures in two ways that change scores of ordinary photos. Its PIQE
divides by the brightest pixel of the photo, so that one white pixel moves it by many points; published is the division
by 255. Its BRISQUE takes rounding errors in flat areas for texture, and half of them for negative; without rounding
they are neither. Where a photo has neither flat areas nor a brightest pixel below 255, scores agree with pyiqa's.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from pyiqa.archs import niqe_arch
from pyiqa.archs.brisque_arch import rbf_kernel, scale_features
from pyiqa.archs.func_util import estimate_aggd_param, estimate_ggd_param, normalize_img_with_gauss
from pyiqa.archs.piqe_arch import noise_criterion, notice_dist_criterion
from pyiqa.matlab_utils import imresize
from safetensors.torch import load_file
from torch import Tensor

from uniremoval.paths import ASSETS
from uniremoval.quality.highest import highest

BRISQUE_SVM = ASSETS / "quality" / "brisque_svm.safetensors"
NIQE_PRISTINE = ASSETS / "quality" / "niqe_pristine.safetensors"
RBF_GAMMA, RBF_BIAS = 0.05, -153.591
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (-1, 1))
WINDOW = 7
FLAT = 1e-3
"""Grey levels over which the surroundings of a flat pixel reach: far more than rounding, far less than texture."""

BLOCK, EDGE_PART = 16, 6
ACTIVE, IMPAIRED = 0.1, 0.1


def brisque(grey: np.ndarray) -> float:
    """BRISQUE of HxW grey levels 0..255: Mittal, Moorthy and Bovik, IEEE TIP 21 (2012); nan where it has none."""
    x = torch.from_numpy(grey)[None, None]
    features = [_scene_statistics(x), _scene_statistics(imresize(x, scale=0.5, antialiasing=True))]
    coefficients, support_vectors = _svm()
    scaled = scale_features(torch.cat(features, dim=-1))
    kernel = rbf_kernel(features=scaled, sv=support_vectors.t(), gamma=RBF_GAMMA)
    return float(kernel @ coefficients - RBF_BIAS)


def _scene_statistics(x: Tensor) -> Tensor:
    """The 18 features of one scale, 1x18: shape and spread of contrasts, and of products of neighbours."""
    contrast = normalize_img_with_gauss(x, WINDOW, padding="same")
    contrast[_is_flat(x)] = 0
    shape, deviation = estimate_ggd_param(contrast)
    features = [shape, deviation.square()]
    for shift in NEIGHBOURS:
        product = contrast * contrast.roll(shift, (-2, -1))
        shape, left, right = estimate_aggd_param(product, return_sigma=True)
        spread = torch.lgamma(2 / shape) - (torch.lgamma(1 / shape) + torch.lgamma(3 / shape)) / 2
        features += [shape, (right - left) * spread.exp(), left.square(), right.square()]
    return torch.stack(features, dim=-1)


def _is_flat(x: Tensor) -> Tensor:
    """Where all of the window around a pixel has the same level; beyond the photo it is 0, as for the contrast."""
    padded = F.pad(x, [WINDOW // 2] * 4)
    return highest(padded, WINDOW) + highest(-padded, WINDOW) < FLAT


@cache
def _svm() -> tuple[Tensor, Tensor]:
    tensors = load_file(BRISQUE_SVM)
    return tensors["coefficients"], tensors["support_vectors"]


def piqe(grey: np.ndarray) -> float:
    """PIQE of HxW whole grey levels 0..255: Venkatanath et al., NCC 2015.

    As in MATLAB's function, edges are repeated until both sides are multiples of 16.
    """
    height, width = grey.shape
    padded = np.pad(grey, ((0, -height % BLOCK), (0, -width % BLOCK)), mode="edge")
    contrast = normalize_img_with_gauss(torch.from_numpy(padded)[None, None], padding="replicate")
    blocks = contrast.unfold(2, BLOCK, BLOCK).unfold(3, BLOCK, BLOCK).reshape(1, -1, BLOCK, BLOCK)
    variance = blocks.var(dim=(2, 3))
    active = variance > ACTIVE
    deviation, beta = noise_criterion(blocks, BLOCK - 1, variance)
    impaired = notice_dist_criterion(blocks, EDGE_PART, IMPAIRED, BLOCK)
    distortion = impaired.float() * (1 - variance) + (deviation > 2 * beta) * variance
    return float(100 * ((distortion * active).sum() + 1) / (active.sum() + 1))


def niqe(grey: np.ndarray) -> float:
    """NIQE of HxW whole grey levels 0..255: Mittal et al., IEEE SPL 20 (2013).

    Blocks of 96 pixels are compared with pristine photos'; nan where they are too few or too even for that.
    """
    pristine = load_file(NIQE_PRISTINE)
    x = torch.from_numpy(grey)[None, None].double()
    try:
        return float(niqe_arch.niqe(x, pristine["mean"], pristine["covariance"][None]))
    except torch.linalg.LinAlgError:  # blocks without any contrast have no features
        return math.nan


MEASURES = {"brisque": brisque, "piqe": piqe}
"""HxW levels of 0 to 255 -> the score of that key."""
