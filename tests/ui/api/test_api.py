"""The endpoints /restore, /score and /checkpoints, called by gradio_client on the running app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from gradio_client import Client, handle_file

from tests.conftest import FIVE
from tests.support import files
from uniremoval.catalog import Catalog
from uniremoval.photo import decode, encode
from uniremoval.quality import score
from uniremoval.restore import load_restorer


@pytest.fixture(scope="module")
def client(server: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(server[0], verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files.png(tmp_path_factory.mktemp("photo"), files.noise(70, 90, 4, bits=16))


def test_restore_gives_what_the_engine_gives(client: Client, photo: Path, checkpoints: Path) -> None:
    path, scores = client.predict(handle_file(photo), "student", api_name="/restore")
    torch.set_num_threads(1)
    engine = load_restorer("student", catalog=Catalog([checkpoints]))
    expected = engine.restore(photo).photo
    assert Path(path).read_bytes() == encode(expected, "PNG")
    restored = decode(path)
    assert restored.bits == 16
    np.testing.assert_array_equal(restored.alpha, decode(photo).alpha)
    for key, pixels in (("input", decode(photo).on_white), ("output", expected.on_white)):
        for name, value in score(pixels).items():
            assert scores[key][name]["value"] == pytest.approx(value.value, abs=0.05)


def test_a_heic_upload_is_restored(client: Client, tmp_path: Path) -> None:
    path, scores = client.predict(handle_file(files.turned(tmp_path, 6, ".heic")), "student", api_name="/restore")
    assert decode(path).size == (24, 32) and set(scores) == {"input", "output"}


def test_score(client: Client, photo: Path) -> None:
    alone = client.predict(handle_file(photo), api_name="/score")
    assert set(alone) == {"brisque", "piqe"}
    compared = client.predict(handle_file(photo), handle_file(photo), api_name="/score")
    assert compared["ssim"]["value"] == pytest.approx(1)


def test_checkpoints_lists_the_cards(client: Client) -> None:
    cards = {card["name"]: card for card in client.predict(api_name="/checkpoints")}
    assert set(FIVE) <= set(cards)
    assert cards["teacher-rain"]["stage"] == "teacher"
    assert cards["teacher-rain"]["degradations"] == ["rain"]


def test_only_the_three_endpoints_are_public(client: Client) -> None:
    described = client.view_api(return_format="dict")
    assert set(described["named_endpoints"]) == {"/restore", "/score", "/checkpoints"}
    assert described["unnamed_endpoints"] == {}


BAD = {
    "empty": files.empty, "text": files.text, "truncated": files.truncated, "bomb": files.bomb, "svg": files.svg,
}  # fmt: skip


@pytest.mark.parametrize("draw", BAD.values(), ids=BAD)
def test_a_bad_file_gives_one_sentence(client: Client, draw: Callable[[Path], Path], tmp_path: Path) -> None:
    path = draw(tmp_path)
    with pytest.raises(Exception, match=path.name) as caught:
        client.predict(handle_file(path), "student", api_name="/restore")
    assert str(caught.value).endswith(".")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["no-such", "/etc/passwd", "../student.safetensors"])
def test_an_unknown_checkpoint_gives_the_known_names(client: Client, photo: Path, name: str) -> None:
    with pytest.raises(Exception, match=r"choose one of: .*student") as caught:
        client.predict(handle_file(photo), name, api_name="/restore")
    assert name in str(caught.value)


@pytest.mark.parametrize("given", ["/etc/hostname", {"path": "/etc/hostname"}, None, 3])
def test_no_path_from_a_request_is_opened(client: Client, given: object) -> None:
    with pytest.raises(Exception, match="must be an uploaded file"):
        client.predict(given, api_name="/score")
