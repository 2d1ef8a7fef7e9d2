"""The optimiser: what its steps look like, that it learns, and that it resumes."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from train.engine.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(8, 72), (64, 12), (16, 16)])
def test_orthogonalised_keeps_directions_and_evens_lengths(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    seen = u.T @ orthogonalised(matrix) @ v.T
    assert (seen.diagonal() > 0.6).all() and (seen.diagonal() < 1.3).all()
    assert (seen - seen.diagonal().diag()).abs().max() < 1e-3, "in fp32"


def regression() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    x = torch.randn(16, 3, 12, 12)
    target = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 2, 3))(x).detach()
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 2, 3)), x, target


def steps(network: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, target: torch.Tensor, n: int) -> float:
    for _ in range(n):
        optimizer.zero_grad()
        loss = (network(x) - target).abs().mean()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_it_learns() -> None:
    network, x, target = regression()
    optimizer = Muon(network.parameters(), lr=1e-2)
    first = steps(network, optimizer, x, target, 1)
    assert steps(network, optimizer, x, target, 200) < 0.25 * first


def test_its_state_goes_on_where_it_was() -> None:
    network, x, target = regression()
    optimizer = Muon(network.parameters(), lr=1e-2)
    steps(network, optimizer, x, target, 3)
    again = copy.deepcopy(network)
    resumed = Muon(again.parameters(), lr=1e-2)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert steps(network, optimizer, x, target, 3) == steps(again, resumed, x, target, 3)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))


def test_the_first_step_is_as_large_as_adams() -> None:
    network, x, target = regression()
    before = copy.deepcopy(network)
    steps(network, Muon(network.parameters(), lr=1e-3), x, target, 1)
    for old, new in zip(before.parameters(), network.parameters(), strict=True):
        step = (new - old).square().mean().sqrt()
        assert 0.5e-3 * 0.2 < step < 1.5e-3
