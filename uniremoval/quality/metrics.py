"""The scores there are, and what one is. Everything that lists scores reads these tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """label: what users read. digits: decimals shown beside a photo. meaning: unit and range, in words.

    lowest, highest: bounds; None where there is none. by_reference: whether it needs a clean photo.
    """

    label: str
    digits: int
    meaning: str
    lowest: float | None = None
    highest: float | None = None
    lower_is_better: bool = True
    by_reference: bool = False

    @property
    def direction(self) -> str:
        return f"{'lower' if self.lower_is_better else 'higher'} is better"


METRICS = {
    "brisque": Metric("BRISQUE", 1, "mostly 0 to 100 but not bounded"),
    "piqe": Metric("PIQE", 1, "0 to 100", 0, 100),
    "psnr": Metric("PSNR", 2, "in dB, null for the same photo", 0, None, False, True),
    "ssim": Metric("SSIM", 3, "-1 to 1", -1, 1, False, True),
}
EXTRAS = {
    "niqe": Metric("NIQE", 2, "0 and more, mostly 2 to 10", 0),
    "ms_ssim": Metric("MS-SSIM", 4, "mostly 0 to 1", 0, 1, False, True),
    "fsim": Metric("FSIM", 4, "mostly 0 to 1", 0, None, False, True),
}
"""Scores that are computed where somebody asks for them."""
CUES = {"dark_channel": Metric("Haze cue", 0, "mean of the dark channel in percent, 0 to 100", 0, 100)}
"""Not scores of quality: how much is left of what the photo was restored for."""
WITHOUT_REFERENCE = {key: metric for key, metric in METRICS.items() if not metric.by_reference}
BY_REFERENCE = {key: metric for key, metric in METRICS.items() if metric.by_reference}


@dataclass(frozen=True)
class Score:
    """A score, or in `reason` why there is none (then `value` is None)."""

    name: str
    value: float | None
    reason: str | None = None
    lower_is_better: bool = True


def score_of(key: str, value: float | None, reason: str | None = None) -> Score:
    """The score of the metric or cue `key`."""
    metric = (METRICS | EXTRAS | CUES)[key]
    return Score(metric.label, value, reason, metric.lower_is_better)
