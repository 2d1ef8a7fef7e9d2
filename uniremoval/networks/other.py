"""Other people's networks, as spandrel recognises them, behind the protocol that the engine works with."""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor

OVERLAP = 64
"""Pixels by which tiles overlap; most such networks see farther, so that this hides seams and no more."""
PROBE_SIDE = 128


class OtherNetwork(nn.Module):
    """An image-to-image network of another project, at one scale. Threads may share it.

    Raises ValueError where it returns another size or no numbers, MemoryError where a small tile takes over 8 GB.
    """

    margin = 0
    exact = False
    memory_format = torch.contiguous_format

    def __init__(self, descriptor: ImageModelDescriptor[nn.Module]) -> None:
        super().__init__()
        self.model = descriptor.model.eval()
        self.descriptor = descriptor
        self.multiple = math.lcm(2, descriptor.size_requirements.multiple_of)
        self.overlap = -(-OVERLAP // self.multiple) * self.multiple
        self.supports_bfloat16 = descriptor.supports_bfloat16
        self._asked = threading.local()
        for module in self.model.modules():
            if not any(module.children()):
                module.register_forward_pre_hook(self._before_layer)
        self._bytes_per_pixel = self._probed()

    def scale_count(self, height: int, width: int) -> int:
        return 1

    def bytes_per_pixel(self, precision: str) -> int:
        """As measured in fp32, at any precision."""
        return self._bytes_per_pixel

    def forward(
        self,
        x: Tensor,
        inherited: Tensor | None = None,
        *,
        apply_maps: bool = True,
        before_band: Callable[[], None] = lambda: None,
    ) -> Tensor:
        """x: 1x3xHxW in [0, 1] -> 1x3xHxW in [0, 1]."""
        self._asked.before = before_band
        try:
            return self.descriptor(x)
        finally:
            del self._asked.before

    def _before_layer(self, *_: Any) -> None:
        self._asked.before()

    def _probed(self) -> int:
        side = max(PROBE_SIDE, self.descriptor.size_requirements.minimum, self.multiple)
        side = -(-side // self.multiple) * self.multiple
        x = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
        with MemoryMeter(8 * 10**9, there=self.model.state_dict().values()) as meter:
            output = self(x)
        if output.shape != x.shape:
            raise ValueError(f"it makes {tuple(output.shape[1:])} of {tuple(x.shape[1:])}")
        if not torch.isfinite(output).all():
            raise ValueError("it gives values that are not numbers")
        return max(1, meter.peak // side**2)


class MemoryMeter(TorchDispatchMode):
    """Counts the bytes of the tensors that come into being within, as long as they live.

    there: tensors from before, which do not count.
    peak: the most at any time. MemoryError as soon as that is above `most`, before the memory is written to.
    """

    def __init__(self, most: int, there: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self.most = most
        self.live = self.peak = 0
        self._known = {tensor.untyped_storage().data_ptr() for tensor in there}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor) and tensor.device.type != "meta":
                self._count(tensor.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        address, size = storage.data_ptr(), storage.nbytes()
        if not size or address in self._known:
            return
        self._known.add(address)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._forget, address, size).atexit = False
        if self.live > self.most:
            raise MemoryError(f"takes more than {self.most / 1e9:.1f} GB")

    def _forget(self, address: int, size: int) -> None:
        self._known.discard(address)
        self.live -= size
