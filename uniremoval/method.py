"""The method's stages, and the degradations that networks remove."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where in the method a checkpoint comes from."""

    TEACHER = "teacher"
    TRANSFER = "transfer"
    ADAPTATION = "adaptation"
    OTHER = "other"
    """Not from this method: another project's network, for comparison."""


class Degradation(StrEnum):
    """A degradation that networks here remove."""

    HAZE = "haze"
    RAIN = "rain"
    BLUR = "blur"
    SNOW = "snow"

    @property
    def task(self) -> str:
        """The field's word for its removal, and the Hub's tag."""
        return {"haze": "dehazing", "rain": "deraining", "blur": "deblurring", "snow": "desnowing"}[self]
