"""The one training loop, on Accelerate: any stage, one CPU to many machines, resumable to the bit on a CPU."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from torch import Tensor, nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from train.config import TrainConfig
from train.data.paired import PairedViews
from train.data.views import Views
from train.engine import state
from train.engine.items import loader, prepared_ahead
from train.engine.log import Log
from train.engine.muon import Muon
from train.engine.processes import end_together
from train.engine.provenance import git_commit, hardware
from train.engine.schedule import learning_rate
from train.engine.stopwatch import Stopwatch
from train.engine.validate import validate
from uniremoval import checkpoint
from uniremoval.checkpoint import Card
from uniremoval.errors import CheckpointError, UniremovalError
from uniremoval.memory import peak_memory

SMALLEST_SCALE = 1.0
"""Of losses in fp16, below which a gradient that overflows is too large for any."""
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "muon": Muon,
    "adamw": partial(torch.optim.AdamW, betas=(0.9, 0.99), weight_decay=0.0),
}
Networks = dict[str, nn.Module]
Batch = dict[str, Tensor]
Losses = Iterator[tuple[str, Tensor, dict[str, Tensor]]]


class TrainingDiverged(UniremovalError):
    """A loss is no longer a number."""


@dataclass
class Recipe:
    """A stage, as the loop runs it.

    networks: those that are trained; the first becomes the checkpoint.
    losses: (networks, batch, step) -> yields (name of a network, its loss, figures to log), one after the other; each
    network takes its step before the next is asked for.
    keep_best: also keep the checkpoint of the best validation; it means nothing where the pairs are not the aim.
    frozen: networks that only have to be on the right device. lineage: checkpoints that went into this one.
    """

    card: Card
    networks: Networks
    losses: Callable[[Networks, Batch, int], Losses]
    data: Views
    validation: PairedViews
    frozen: list[nn.Module] = field(default_factory=list)
    lineage: list[dict[str, Any]] = field(default_factory=list)
    keep_best: bool = True


def prepare(config: TrainConfig) -> Accelerator:
    """Device, processes and precision. Call before networks are made: it seeds them."""
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    return Accelerator(cpu=config.cpu, mixed_precision=config.precision)


def run(recipe: Recipe, config: TrainConfig, accelerator: Accelerator) -> Path:
    """Train, and return the path of the final checkpoint, `<out>/<name>.safetensors`.

    Beside it lie log.jsonl, TensorBoard files, state.pt to resume from and, once validated, `<name>-best.safetensors`.
    Raises TrainingDiverged on a loss that is not finite; the last saved state and checkpoint stay usable.
    """
    return _Run(recipe, config, accelerator).train()


class _Run:
    def __init__(self, recipe: Recipe, config: TrainConfig, accelerator: Accelerator) -> None:
        self.recipe, self.config, self.accelerator = recipe, config, accelerator
        config.out.mkdir(parents=True, exist_ok=True)
        if not config.resume and (config.out / state.FILE).exists():
            raise CheckpointError(
                f"--out {config.out} holds a run; add --resume to go on with it, or name another folder."
            )
        if accelerator.is_main_process:
            for unfinished in config.out.glob(".*.safetensors.*.part"):  # of a run that was killed while it wrote
                unfinished.unlink()
        for network in recipe.frozen:
            network.to(accelerator.device).to(memory_format=torch.channels_last).eval().requires_grad_(False)
        self.main = next(iter(recipe.networks))
        self.ema = deepcopy(recipe.networks[self.main]).eval().requires_grad_(False).to(accelerator.device)
        self.networks, self.optimizers = {}, {}
        for name, network in recipe.networks.items():
            network.train().to(memory_format=torch.channels_last)
            optimizer = OPTIMIZERS[config.optimizer](network.parameters(), lr=config.lr)
            self.networks[name], self.optimizers[name] = accelerator.prepare(network, optimizer)
        self.step, self.seconds, self.best = 0, 0.0, float("-inf")
        self.commit = git_commit()
        self.watch = Stopwatch()
        if config.resume:
            self._restore(state.read(config.out))
        self.log = Log(config.out, self.step) if accelerator.is_main_process else None

    def train(self) -> Path:
        if not self.config.resume:
            self._save()  # an unwritable folder or a full disk shows now, not hours later
        collected: dict[str, list[Tensor]] = {}
        since = self.step
        with tqdm(
            total=self.config.steps,
            initial=self.step,
            disable=not self.accelerator.is_main_process,
            desc=self.recipe.card.name,
            mininterval=2,
        ) as bar:
            batches = prepared_ahead(self.recipe.data, self._batches(), self.accelerator.device)
            start, before = time.monotonic(), self.seconds
            saved = start
            while (progress := self._progress()) < 1:
                with self.watch.part("waiting"):
                    batch = next(batches)
                for key, value in self._advance(batch, progress).items():
                    collected.setdefault(key, []).append(value)
                self.step += 1
                self.seconds = before + time.monotonic() - start
                bar.update()
                if self.step % self.config.log_every == 0:
                    count = self.step - since
                    means = torch.stack([torch.stack(values).mean() for values in collected.values()])
                    figures = dict(zip(collected, self.accelerator.reduce(means, "mean").tolist(), strict=True))
                    views = batch[next(iter(batch))].shape[:2].numel() * self.accelerator.num_processes
                    seconds, shares = self.watch.lap()
                    speed = {"views_per_second": views * count / seconds, "seconds_per_step": seconds / count}
                    memory = {"peak_gigabytes": peak_memory(self.accelerator.device) / 1e9}
                    self._log(figures | speed | memory | shares)
                    bar.set_postfix({key: f"{value:.4g}" for key, value in list(figures.items())[:3]})
                    collected, since = {}, self.step
                if self.step % self.config.eval_every == 0:
                    self._validate()
                if time.monotonic() - saved > 60 * self.config.save_minutes:
                    self._save()
                    saved = time.monotonic()
        if self.step % self.config.eval_every:
            self._validate()
        path = self._save()
        if self.log is not None:
            self.log.close()
        end_together(self.accelerator)
        return path

    def _advance(self, batch: Batch, progress: float) -> dict[str, Tensor]:
        """One step of every network; returns the figures to log."""
        rate = learning_rate(self.config.lr, self.step, self.config.warmup, progress)
        figures: dict[str, Tensor] = {}
        losses = self.recipe.losses(self.networks, batch, self.step)
        while True:
            with self.watch.part("forward"), self.accelerator.autocast():
                item = next(losses, None)
                if item is None:
                    break
                name, loss, logs = item
            with self.watch.part("backward"):
                optimizer = self.optimizers[name]
                optimizer.zero_grad()
                self.accelerator.backward(loss)
                norm = self.accelerator.clip_grad_norm_(self.networks[name].parameters(), self.config.clip)
                self._check(loss, f"the loss of the {name}")  # not before: a GPU is to be handed all its work first
                self._check_gradient(norm, name)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.step()
            figures |= {f"{name}/loss": loss.detach()}
            if torch.isfinite(norm):
                figures[f"{name}/gradient"] = norm
            figures |= {f"{name}/{key}": value.detach() for key, value in logs.items()}
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            current = self.accelerator.unwrap_model(self.networks[self.main])
            torch._foreach_lerp_(list(self.ema.parameters()), list(current.parameters()), 1 - decay)
        return figures

    def _check_gradient(self, norm: Tensor, name: str) -> None:
        """In fp16 gradients overflow now and then, in the first steps above all: the scaler leaves such a step out and
        halves its scale. The run ends when no scale fits any more."""
        scaler = self.accelerator.scaler
        if scaler is None or scaler.get_scale() < SMALLEST_SCALE:
            self._check(norm, f"the gradient of the {name}")

    def _check(self, value: Tensor, what: str) -> None:
        if not torch.isfinite(value):
            raise TrainingDiverged(
                f"{what} is {value.item()} at step {self.step}: {self.config.out} keeps the last good state. "
                "Resume with a lower --lr or a lower --clip."
            )

    def _batches(self) -> DataLoader:
        """From the current step on; every process takes its share of each step's items."""
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        if self.config.views % world:
            raise UniremovalError(f"--views {self.config.views} cannot be shared by {world} processes; use a multiple.")
        share = self.config.views // world
        first = rank * share
        items = [
            list(range(step * self.config.views + first, step * self.config.views + first + share))
            for step in range(self.step, self.config.steps)
        ]
        return loader(self.recipe.data, items, self.config.workers, self.accelerator.device)

    def _progress(self) -> float:
        """Share of the run that is over, by steps or by time, whichever is further; the same in all processes."""
        progress = self.step / self.config.steps
        if self.config.max_minutes:
            progress = max(progress, self.seconds / (60 * self.config.max_minutes))
            if self.accelerator.num_processes > 1:
                progress = broadcast(torch.tensor(progress, device=self.accelerator.device)).item()
        return progress

    def _validate(self) -> None:
        if not self.accelerator.is_main_process:
            return
        with self.accelerator.autocast():
            figures, picture = validate(self.ema, self.recipe.validation, self.accelerator.device)
        self._log(figures, picture)
        mean = sum(figures.values()) / len(figures)
        if self.recipe.keep_best and mean > self.best:
            self.best = mean
            self._write_checkpoint(f"{self.recipe.card.name}-best")

    def _log(self, figures: dict[str, float], picture: Tensor | None = None) -> None:
        if self.log is not None:
            rate = self.optimizers[self.main].param_groups[0]["lr"]
            self.log.write(self.step, {"seconds": self.seconds, "lr": rate} | figures, picture)

    def _save(self) -> Path:
        """Checkpoint and state, from the main process."""
        path = self.config.out / f"{self.recipe.card.name}.safetensors"
        if self.accelerator.is_main_process:
            self._write_checkpoint(self.recipe.card.name)
            unwrap = self.accelerator.unwrap_model
            state.write(
                self.config.out,
                {
                    "networks": {name: unwrap(network).state_dict() for name, network in self.networks.items()},
                    "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
                    "ema": self.ema.state_dict(),
                    "scaler": self.accelerator.scaler.state_dict() if self.accelerator.scaler else None,
                    "options": self.config.as_card(),
                    "step": self.step,
                    "seconds": self.seconds,
                    "best": self.best,
                },
            )
        return path

    def _restore(self, saved: dict[str, Any]) -> None:
        if began := saved.get("options"):  # states from before options were kept have none
            state.check_same_run(self.config.out, began, self.config.as_card())
        try:
            for name, network in self.networks.items():
                self.accelerator.unwrap_model(network).load_state_dict(saved["networks"][name])
                self.optimizers[name].load_state_dict(saved["optimizers"][name])
            self.ema.load_state_dict(saved["ema"])
            if self.accelerator.scaler and saved.get("scaler"):
                self.accelerator.scaler.load_state_dict(saved["scaler"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise CheckpointError(
                f"--resume: the state in {self.config.out} is of another network; give the options it began with."
            ) from error
        self.step, self.seconds, self.best = saved["step"], saved["seconds"], saved["best"]

    def _write_checkpoint(self, name: str) -> None:
        training = {
            "options": self.config.as_card(),
            "steps": self.step,
            "seconds": round(self.seconds),
            "hardware": hardware(self.accelerator.device),
            "processes": self.accelerator.num_processes,
            "git_commit": self.commit,
            "parents": self.recipe.lineage,
        }
        card = dataclasses.replace(self.recipe.card, name=name, training=training)
        checkpoint.save(self.config.out / f"{name}.safetensors", self.ema, card)
