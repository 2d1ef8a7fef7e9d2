"""Tiny networks of other projects, with random weights, as files that their authors could have published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn


def nafnet(width: int = 8, channels: int = 3) -> nn.Module:
    from spandrel.architectures.NAFNet import NAFNet

    return NAFNet(img_channel=channels, width=width, middle_blk_num=1, enc_blk_nums=[1, 1], dec_blk_nums=[1, 1])


def scunet() -> nn.Module:
    from spandrel.architectures.SCUNet import SCUNet

    return SCUNet(config=[1] * 7, dim=64)


def mixdehazenet() -> nn.Module:
    from spandrel.architectures.MixDehazeNet import MixDehazeNet

    return MixDehazeNet(embed_dims=[8, 16, 32, 16, 8])


def fftformer() -> nn.Module:
    from spandrel.architectures.FFTformer import FFTformer

    return FFTformer(dim=16, num_blocks=[1, 1, 1], num_refinement_blocks=1)


def kbnet() -> nn.Module:
    from spandrel.architectures.KBNet import KBNet_s

    return KBNet_s(width=16, middle_blk_num=1, enc_blk_nums=[1, 1, 1, 1], dec_blk_nums=[1, 1, 1, 1])


def retinexformer() -> nn.Module:
    from spandrel.architectures.RetinexFormer import RetinexFormer

    return RetinexFormer(n_feat=8, stage=1)


def enlarger() -> nn.Module:
    from spandrel.architectures.ESRGAN import ESRGAN

    return ESRGAN(num_filters=8, num_blocks=1, scale=4)


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "NAFNet": nafnet,
    "SCUNet": scunet,
    "MixDehazeNet": mixdehazenet,
    "FFTformer": fftformer,
    "KBNet": kbnet,
    "RetinexFormer": retinexformer,
}


def write(network: nn.Module, path: Path, under: str = "") -> Path:
    """The weights as .safetensors or .pth; under: in a .pth, the key of the dictionary that holds them."""
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    if path.suffix == ".safetensors":
        save_file(weights, path)
    else:
        torch.save({under: weights} if under else weights, path)
    return path
