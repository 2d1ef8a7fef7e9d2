"""Validation during training: PSNR on held-out synthetic pairs, and pictures to look at."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.data.paired import PairedViews
from train.engine.coarse_to_fine import restored_whole


@torch.no_grad()
def validate(network: nn.Module, pairs: PairedViews, device: torch.device) -> tuple[dict[str, float], Tensor]:
    """Returns figures and one 3xHxW picture.

    Figures, in dB and means over the views: `validation/<degradation>`, the PSNR of the restored views, and
    `gain/<degradation>`, how far it lies above that of the degraded ones. The picture has a row per degradation:
    degraded, restored, clean.
    """
    figures: dict[str, list[float]] = {}
    rows: list[Tensor] = []
    for index in range(len(pairs)):
        item = pairs.prepare({key: value[None] for key, value in pairs[index].items()}, device)
        for k, kind in enumerate(pairs.degradations):
            lq, gt = item["lq"][:, k], item["gt"][:, k]
            restored = restored_whole(network, lq).float().clamp(0, 1)
            psnr = _psnr(restored, gt)
            figures.setdefault(f"validation/{kind}", []).append(psnr)
            figures.setdefault(f"gain/{kind}", []).append(psnr - _psnr(lq, gt))
            if index == 0:
                rows.append(torch.cat([lq[0], restored[0], gt[0]], dim=2))
    return {key: sum(values) / len(values) for key, values in figures.items()}, torch.cat(rows, dim=1).cpu()


def _psnr(a: Tensor, b: Tensor) -> float:
    return -10 * torch.log10(((a - b) ** 2).mean().clamp_min(1e-8)).item()
