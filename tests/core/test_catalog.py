"""Which checkpoints are found, which are not, and why."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import FIVE
from tests.support.models import card_of, tiny
from uniremoval import checkpoint
from uniremoval.catalog import SHIPPED, Catalog, default_catalog
from uniremoval.checkpoint import Card
from uniremoval.errors import CheckpointError, UnknownCheckpointError
from uniremoval.method import Stage
from uniremoval.networks import DiscriminatorConfig, PatchDiscriminator


def write(path: Path, name: str, **changes: object) -> None:
    network = tiny()
    checkpoint.save(path, network, replace(card_of(network, name), **changes))


def test_the_five_in_the_order_of_their_stages(checkpoints: Path) -> None:
    entries = Catalog([checkpoints]).entries()
    assert [entry.card.stage for entry in entries] == [*[Stage.TEACHER] * 3, Stage.TRANSFER, Stage.ADAPTATION]
    names = ["teacher-blur", "teacher-haze", "teacher-rain", "student", "student-adapted"]
    assert [entry.name for entry in entries] == names
    assert Catalog([checkpoints]).problems == []


def test_a_file_added_later_is_found(tmp_path: Path) -> None:
    catalog = Catalog([tmp_path])
    assert catalog.entries() == []
    write(tmp_path / "new.safetensors", "new")
    assert [entry.name for entry in catalog.entries()] == ["new"]


def test_a_later_folder_replaces_a_name(checkpoints: Path, tmp_path: Path) -> None:
    write(tmp_path / "mine.safetensors", "student", licence="mine")
    catalog = Catalog([checkpoints, tmp_path])
    assert catalog.named("student").card.licence == "mine"
    assert len(catalog.entries()) == 5 and catalog.problems == []


def test_two_of_one_name_in_a_folder_are_a_problem(tmp_path: Path) -> None:
    write(tmp_path / "a.safetensors", "same", licence="first")
    write(tmp_path / "b.safetensors", "same", licence="second")
    catalog = Catalog([tmp_path])
    assert [entry.card.licence for entry in catalog.entries()] == ["first"]
    (problem,) = catalog.problems
    assert "b.safetensors" in problem and "a.safetensors" in problem and "'same'" in problem


def test_bad_files_are_listed_and_hide_no_others(checkpoints: Path, tmp_path: Path) -> None:
    shutil.copy(checkpoints / "student.safetensors", tmp_path)
    (tmp_path / "text.safetensors").write_text("no weights")
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "notes.txt").write_text("not looked at")
    discriminator = Card("d", Stage.ADAPTATION, (), "discriminator", {"width": 4})
    checkpoint.save(tmp_path / "d.safetensors", PatchDiscriminator(DiscriminatorConfig(width=4)), discriminator)
    write(tmp_path / "idle.safetensors", "removes-nothing", degradations=())
    catalog = Catalog([tmp_path])
    assert [entry.name for entry in catalog.entries()] == ["student"]
    problems = "\n".join(catalog.problems)
    assert len(catalog.problems) == 5
    for name in ("text", "empty", "folder", "d", "idle"):
        assert str(tmp_path / f"{name}.safetensors") in problems


def test_names_and_paths(checkpoints: Path, tmp_path: Path) -> None:
    catalog = Catalog([checkpoints])
    path = checkpoints / "teacher-haze.safetensors"
    assert catalog.find("teacher-haze").path == catalog.find(str(path)).path == catalog.find(path).path
    assert Catalog([]).find(path).source == "file"
    with pytest.raises(UnknownCheckpointError, match=r"'haze'.*student-adapted"):
        catalog.find("haze")
    with pytest.raises(UnknownCheckpointError, match="none"):
        Catalog([tmp_path]).find("student")
    with pytest.raises(CheckpointError, match="no such"):
        catalog.find(tmp_path / "missing.safetensors")


@pytest.mark.parametrize("name", ["/etc/passwd", "../student", "", "\0", "student.safetensors"])
def test_a_name_is_never_opened_as_a_path(checkpoints: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkpoints)
    with pytest.raises(UnknownCheckpointError):
        Catalog([checkpoints]).named(name)


def test_default_catalog(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNIREMOVAL_CHECKPOINTS", raising=False)
    assert default_catalog().folders == (SHIPPED,)
    assert default_catalog(tmp_path).folders == (SHIPPED, tmp_path)
    monkeypatch.setenv("UNIREMOVAL_CHECKPOINTS", str(checkpoints))
    assert default_catalog().folders == (SHIPPED, checkpoints)
    assert default_catalog(tmp_path).folders == (SHIPPED, tmp_path)
    sources = {entry.name: entry.source for entry in default_catalog().entries()}
    assert {sources[name] for name in FIVE} == {"local"}


def test_a_folder_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckpointError, match="--checkpoints"):
        default_catalog(tmp_path / "nowhere")
    monkeypatch.setenv("UNIREMOVAL_CHECKPOINTS", str(tmp_path / "nowhere"))
    with pytest.raises(CheckpointError, match="UNIREMOVAL_CHECKPOINTS"):
        default_catalog()
