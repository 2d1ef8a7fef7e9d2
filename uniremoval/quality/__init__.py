"""Scores of photos. PyTorch and pyiqa are imported at the first score."""

from uniremoval.quality.extras import extra_scores
from uniremoval.quality.haze_cue import haze_cue
from uniremoval.quality.metrics import BY_REFERENCE, CUES, EXTRAS, METRICS, WITHOUT_REFERENCE, Metric, Score
from uniremoval.quality.no_reference import score
from uniremoval.quality.reference import compare, luma_psnr, psnr, ssim

__all__ = [
    "BY_REFERENCE",
    "CUES",
    "EXTRAS",
    "METRICS",
    "WITHOUT_REFERENCE",
    "Metric",
    "Score",
    "compare",
    "extra_scores",
    "haze_cue",
    "luma_psnr",
    "psnr",
    "score",
    "ssim",
]
