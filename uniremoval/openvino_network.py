"""The network as OpenVINO runs it: the same arithmetic, with the operations between convolutions fused into them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from uniremoval.networks import RestorationNet
from uniremoval.networks.restorer import pad_to_multiple

if TYPE_CHECKING:
    from torch import nn

HINTS = {"bf16": "bf16", "fp32": "f32"}


def is_installed() -> bool:
    return find_spec("openvino") is not None


def compiled(network: RestorationNet, precision: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The network's `forward(x, thumbnail)` for one photo (1x3xHxW) on the CPU; threads may share it.

    precision: "bf16" or "fp32". As many threads as torch has. The weights are those of now.
    """
    import openvino

    options = {
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,
    }
    model = openvino.Core().compile_model(_model(network), "CPU", options)

    def forward(x: Tensor, thumbnail: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        padded = pad_to_multiple(x, network.multiple).contiguous()
        modulation = [tensor for scale, shift in network.modulation(thumbnail) for tensor in (1 + scale, shift)]
        answer = model.create_infer_request().infer([each.numpy() for each in (padded, *modulation)], share_inputs=True)
        return torch.from_numpy(answer[0])[..., :height, :width]

    return forward


def _model(network: RestorationNet) -> Any:
    """`RestorationNet.forward` after the padding, as a graph. Inputs: x, then scale + 1 and shift of every level."""
    import openvino
    from openvino import opset13 as ops

    stem, levels = network.config.stem, range(len(network.config.encoder_blocks))
    inputs = [ops.parameter([1, 3, -1, -1], np.float32)]

    def modulated(h: Any, level: int) -> Any:
        if network.context is None:
            return h
        shape = [1, network.config.width * 2**level, 1, 1]
        scale, shift = (ops.parameter(shape, np.float32) for _ in range(2))
        inputs.extend((scale, shift))
        return ops.add(ops.multiply(h, scale), shift)

    h = _convolved(ops.space_to_depth(inputs[0], "depth_first", stem), network.head)
    skips = []
    for level in levels:
        h = _blocks(modulated(h, level), network.encoder[level])
        skips.append(h)
        h = _convolved(h, network.down[level])
    h = _blocks(modulated(h, len(levels)), network.bottleneck)
    for level in reversed(levels):
        h = ops.add(_upsampled(_convolved(h, network.up[level])), skips[level])
        h = _blocks(h, network.decoder[level])
    shuffled = ops.depth_to_space(_convolved(h, network.tail), "depth_first", stem)
    gain, offset = ops.split(shuffled, 1, 2).outputs()
    restored = ops.add(ops.add(inputs[0], ops.multiply(gain, inputs[0])), offset)
    return openvino.Model([restored], inputs)


def _blocks(h: Any, blocks: nn.Sequential) -> Any:
    from openvino import opset13 as ops

    for block in blocks:
        h = ops.add(h, _convolved(ops.relu(_convolved(h, block.conv1)), block.conv2))
    return h


def _upsampled(h: Any) -> Any:
    from openvino import opset13 as ops

    scales = ops.constant(np.array([2, 2], np.float32))
    axes = ops.constant(np.array([2, 3], np.int64))
    return ops.interpolate(h, scales, "linear_onnx", "scales", coordinate_transformation_mode="half_pixel", axes=axes)


def _convolved(h: Any, layer: nn.Conv2d) -> Any:
    from openvino import opset13 as ops

    weight, bias = (parameter.detach().float().contiguous().numpy() for parameter in (layer.weight, layer.bias))
    padding = list(layer.padding)
    return ops.add(ops.convolution(h, weight, list(layer.stride), padding, padding, [1, 1]), bias.reshape(1, -1, 1, 1))
