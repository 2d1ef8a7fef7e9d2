"""Publishing checkpoints: what goes up, how it comes back, and what stops it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
import yaml

from tests.conftest import FIVE
from tests.support.hub_state import TOKEN, Fault, Hub
from tests.support.models import card_of, tiny
from train.publish import chosen, main
from train.reporting.model_card import readme
from uniremoval import checkpoint
from uniremoval.catalog import Catalog
from uniremoval.errors import CheckpointError, HubError
from uniremoval.hub import Repository
from uniremoval.method import Degradation, Stage
from uniremoval.paths import ROOT

TRAINED = {"steps": 1200, "seconds": 5400, "hardware": "One | CPU", "git_commit": "abcdef0123456789+changes"}
SCORE = {
    "set": "rain100", "checkpoint": "student", "photos": 9, "psnr": 27.5, "input_psnr": 21.25,
    "command": "python -m train.evaluate --checkpoint student --pairs rain100", "git_commit": "abc",
}  # fmt: skip


@pytest.fixture
def token(hub_server: Hub, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)


@pytest.mark.usefixtures("token")
def test_what_is_published_can_be_used(hub_server: Hub, checkpoints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--repo", "me/new", "--checkpoints", str(checkpoints)])
    repo = hub_server.repos["me/new"]
    expected = {f"{name}{suffix}" for name in FIVE for suffix in (".safetensors", ".json")} | {"README.md"}
    assert set(repo.files) == expected and repo.access == "public"
    assert repo.commits == ["Publish student, student-adapted, teacher-blur, teacher-haze, teacher-rain"]
    assert f"{hub_server.url}/me/new/commit/" in capsys.readouterr().out
    for path in checkpoints.glob("*.safetensors"):
        assert repo.files[path.name] == path.read_bytes()
        assert json.loads(repo.files[f"{path.stem}.json"])["name"] == path.stem
    uploads = [request for request in hub_server.requests if request.method == "PUT"]
    assert len(uploads) == 5 and all(request.path.startswith("/lfs/") for request in uploads)
    fetched = Catalog([], Repository("me/new")).named("teacher-haze")
    assert checkpoint.load(fetched.path)[1] == checkpoint.read_card(checkpoints / "teacher-haze.safetensors")


@pytest.mark.usefixtures("token")
def test_publishing_again_replaces_and_uploads_only_what_is_new(
    hub_server: Hub, checkpoints: Path, tmp_path: Path
) -> None:
    main(["--repo", "me/new", "--private", "--checkpoints", str(checkpoints)])
    assert hub_server.repos["me/new"].access == "private"
    network = tiny(5)
    checkpoint.save(tmp_path / "x.safetensors", network, card_of(network, "extra"))
    hub_server.requests.clear()
    main(["--repo", "me/new", "--checkpoints", str(checkpoints), str(tmp_path / "x.safetensors")])
    assert len([request for request in hub_server.requests if request.method == "PUT"]) == 1
    repo = hub_server.repos["me/new"]
    assert (
        len(repo.commits) == 2
        and "extra.safetensors" in repo.files
        and b"`extra.safetensors`" in repo.files["README.md"]
    )


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(
    ("repo", "fault", "words"),
    [
        ("others/theirs", None, "refuses access"),
        ("me/mine", Fault("500", "POST", "/api/repos/create"), "error 500"),
        ("me/mine", Fault("500", "POST", "/commit/"), "error 500"),
        ("me/mine", Fault("400", "PUT", "/lfs/"), "refuses the request"),
        ("me/mine", Fault("cut-header", "POST", "/preupload/"), "makes no sense"),
    ],
)
def test_a_hub_that_refuses(hub_server: Hub, checkpoints: Path, repo: str, fault: Fault | None, words: str) -> None:
    hub_server.large.clear()
    hub_server.faults += [fault] if fault else []
    with pytest.raises(HubError, match=words) as raised:
        main(["--repo", repo, "--checkpoints", str(checkpoints)])
    assert repo in str(raised.value) and TOKEN not in str(raised.value)
    assert not any(known.commits for known in hub_server.repos.values())


def test_without_a_token_nothing_is_sent(hub_server: Hub, checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HubError, match=r"hf auth login.*HF_TOKEN"):
        main(["--repo", "me/new", "--checkpoints", str(checkpoints)])
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE"):
        main(["--repo", "me/new", "--checkpoints", str(checkpoints)])
    assert hub_server.requests == []


def test_dry_run_as_a_command(hub_server: Hub, checkpoints: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "train.publish",
        "--repo",
        "me/new",
        "--checkpoints",
        str(checkpoints),
        "--dry-run",
    ]
    environment = os.environ | {"HF_ENDPOINT": hub_server.url, "TMPDIR": str(tmp_path), "HF_HOME": str(tmp_path)}
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    folder = Path(finished.stdout.strip().split()[-1])
    assert folder.parent == tmp_path and len(list(folder.iterdir())) == 11 and "11 files" in finished.stdout
    assert len(Catalog([folder]).entries()) == 5 and hub_server.requests == []
    refused = subprocess.run(command[:-1], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert refused.returncode == 1 and "hf auth login" in refused.stderr and "Traceback" not in refused.stderr


def test_what_is_never_published(tmp_path: Path, checkpoints: Path) -> None:
    student = checkpoints / "student.safetensors"
    empty, bad, odd = tmp_path / "empty", tmp_path / "bad", tmp_path / "odd.safetensors"
    empty.mkdir()
    bad.mkdir()
    (bad / "bad.safetensors").write_text("no weights")
    network = tiny()
    checkpoint.save(odd, network, card_of(network, "../odd"))
    spaced = tmp_path / "spaced.safetensors"
    checkpoint.save(spaced, network, card_of(network, "a b"))
    for paths, words in (
        ([empty], "no checkpoints"),
        ([bad], r"bad\.safetensors.*Nothing was published"),
        ([student, checkpoints], "called 'student' too"),
        ([odd], "files are called after it"),
        ([spaced], "no file name"),
        ([tmp_path / "missing"], "no such folder"),
        ([tmp_path / "missing.safetensors"], "no such checkpoint"),
    ):
        with pytest.raises(CheckpointError, match=words):
            chosen(paths)
    with pytest.raises(HubError, match="leave the revision out"):
        main(["--repo", "me/mine@v1"])


def test_the_page_says_what_the_cards_say() -> None:
    network = tiny()
    student = replace(card_of(network, "student"), training=TRAINED, scores=[SCORE])
    teacher = replace(
        card_of(network, "teacher-haze", Stage.TEACHER, tuple(Stage)[:0]), degradations=student.degradations[:1]
    )
    page = readme("me/mine", [teacher, student], [7_600_000, 7_700_000])
    _, front, body = page.split("---\n", 2)
    matter = yaml.safe_load(front)
    assert (matter["license"], matter["library_name"], matter["pipeline_tag"]) == (
        "mit",
        "uniremoval",
        "image-to-image",
    )
    assert matter["tags"] == ["image-restoration", "dehazing", "deraining", "deblurring"]
    assert "| `teacher-haze.safetensors` | teacher, trained on synthetic pairs | haze | 7.6 | MIT |" in body
    assert "| student | 27.50 |" in body and "| input (the degraded photos) | 21.25 |" in body
    assert SCORE["command"] in body and "--hub-repo me/mine" in body
    assert r"| student | 1200 | 1.5 | One \| CPU | abcdef0+changes |" in body
    assert "None have been measured" in readme("me/mine", [teacher], [1])
    other = replace(teacher, licence="CC-BY-NC-4.0")
    assert "license: other" in readme("me/mine", [teacher, other], [1, 1])
    assert "license: cc-by-nc-4.0" in readme("me/mine", [other], [1])


def test_every_degradation_has_a_tag_on_the_hub() -> None:
    assert len({kind.task for kind in Degradation}) == len(Degradation)
