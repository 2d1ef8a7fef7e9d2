"""The parts of the app that need no server: names, visits, and the work behind a comparison."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from tests.conftest import FIVE
from tests.support import files
from tests.support.browser import ROOT
from tests.support.models import THREE
from uniremoval.catalog import Catalog
from uniremoval.errors import CheckpointError, PhotoError
from uniremoval.photo import Photo, decode
from uniremoval.ui import text
from uniremoval.ui.checkpoints.add import Adding
from uniremoval.ui.host.options import options
from uniremoval.ui.limits import Limits
from uniremoval.ui.restore.examples import examples
from uniremoval.ui.restore.open_photo import Handlers
from uniremoval.ui.visit.events import INPUT, Advanced, Beat, Drafted, Failed, Finished, Scored
from uniremoval.ui.visit.record import Opened, Output, Record
from uniremoval.ui.visit.uploads import readable, sweep, uploaded
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.comparison import Job, compare
from uniremoval.ui.work.engine import Engine, Settings

ME = gr.Request(session_hash="me")
STAGES = ({"teacher-haze", "teacher-rain", "teacher-blur"}, {"student"}, {"student-adapted"}, set())


@pytest.mark.parametrize(
    ("photo", "checkpoint", "saved"),
    [
        ("a b.jpg", "student", "a b-student.png"),
        ("../../x.png", "a/b", "x-a_b-07f4401c.png"),
        ("\N{SNOWMAN}.png", "student", "_-student.png"),
        (".png", "student", "png-student.png"),
        ("\u00e9" * 300 + ".png", "student", "\u00e9" * 60 + "-student.png"),
    ],
)
def test_download_names(photo: str, checkpoint: str, saved: str) -> None:
    assert Opened(Path(photo), photo, Path(photo), (1, 1)).download_name(checkpoint) == saved


def test_visits_are_apart_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    everyone = Visits()
    one, two = everyone.of("one"), everyone.of("two")
    assert everyone.of("one") is one
    assert one.folder != two.folder
    assert one.new_folder("run") != one.new_folder("run")
    everyone.leave("one")
    assert one.stop.is_set()
    assert one.folder.exists()
    everyone.limits = Limits(grace_seconds=-1)
    everyone.leave("two")
    assert list(tmp_path.iterdir()) == []


def record(visit: Visit, name: str) -> Record:
    """A comparison of one output, of 1000 bytes a picture."""
    picture = visit.new_folder("photo") / "input.png"
    output = visit.new_folder("run") / "output.png"
    for path in (picture, output):
        path.write_bytes(b"." * 1000)
    done = Finished("student", output, 0.5, 1, "fp32", ())
    return Record(Opened(picture, name, picture, (1, 1)), {"student": Output("student", "Student", "done", "", done)})


def test_only_what_is_shown_or_remembered_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uniremoval.ui.visit.visits.FRESH_SECONDS", -1)
    visit = Visit(tmp_path, Limits(records=2))
    made = []
    for index in range(4):
        made.append(record(visit, str(index)))
        visit.opened, visit.record = made[-1].opened, made[-1]
        visit.keep(made[-1])
        visit.sweep()
    visit.keep(made[2])
    assert visit.history == [made[2], made[3]]
    assert {folder.name for folder in tmp_path.iterdir()} == {
        path.parent.name for each in made[2:] for path in each.files().values()
    }
    visit.limits = replace(visit.limits, records_bytes=3000)
    visit.keep(made[3])
    assert visit.history == [made[3]]


def test_what_is_fresh_is_not_swept_away(tmp_path: Path) -> None:
    visit = Visit(tmp_path)
    folder = visit.new_folder("download")
    visit.sweep()
    assert folder.exists()


@pytest.mark.parametrize(
    "described",
    [None, "x", {}, {"path": "/etc/hostname"}, {"path": 3}, {"path": "{cache}/../secret.png"}, [{"path": "/"}]],
)
def test_only_uploads_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, described: Any) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (tmp_path / "secret.png").write_bytes(b"")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(cache))
    if isinstance(described, dict) and isinstance(described.get("path"), str):
        described = {"path": described["path"].format(cache=cache)}
    with pytest.raises(PhotoError, match="must be an uploaded file"):
        uploaded(described)
    assert uploaded({"path": str(cache / "a.png"), "orig_name": "b.png"}) == (cache / "a.png", "b.png")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("holiday.png", "holiday.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.png", "a.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\r\nSet-Cookie: x\x00.png", "aSet-Cookie: x.png"),
        ("/", "photo"),
        ("\ud800.png", ".png"),
        ("x" * 5000, "x" * 255),
        ("für später 写真.jpg", "für später 写真.jpg"),
    ],
    ids=ascii,
)
def test_names_of_uploads_are_readable(sent: str, shown: str) -> None:
    assert readable(sent) == shown


def test_old_leftovers_are_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in ("tmpold", "tmpnew", "photo.png"):
        (tmp_path / name).touch()
    for name in ("api-old", "api-new", "visit-a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").touch()
    for name in ("tmpold", "api-old", "photo.png", "visit-a"):
        os.utime(tmp_path / name, (0, 0))
    sweep(tmp_path, "tmp*", 60)
    sweep(tmp_path, "api-*", 60)
    assert {path.name for path in tmp_path.iterdir()} == {"tmpnew", "api-new", "photo.png", "visit-a"}


def test_comparisons_take_turns(checkpoints: Path, tmp_path: Path) -> None:
    engine, stop = Engine(Settings(checkpoints, "cpu")), threading.Event()
    with engine.machine.join() as turn:
        assert turn.wait(0)
        events = compare(engine, Job(noise(), {"student": tmp_path / "student.png"}), stop)
        assert next(events) == Beat()
        assert not (tmp_path / "student.png").exists()
    assert any(isinstance(event, Finished) for event in list(events))
    assert not stop.is_set(), "what ended by itself was not stopped"
    assert engine.machine.join().wait(0)


def test_a_visitor_who_comes_back_in_time_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    everyone = Visits()
    visit = everyone.of("phone")
    everyone.leave("phone")
    monkeypatch.setattr("uniremoval.ui.visit.visits.LATE_SECONDS", 0)
    assert everyone.of("phone") is visit
    everyone.limits = Limits(grace_seconds=-1)
    everyone.of("another")
    assert visit.folder.exists()


def targets(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}.png" for name in FIVE}


def noise(height: int = 64, width: int = 80) -> Photo:
    return Photo(np.random.default_rng(1).random((height, width, 3), np.float32))


def test_comparison_tells_everything_once(checkpoints: Path, tmp_path: Path) -> None:
    engine, photo = Engine(Settings(checkpoints, "cpu")), noise()
    events = [event for event in compare(engine, Job(photo, targets(tmp_path)), threading.Event()) if event != Beat()]
    assert [event.name for event in events if isinstance(event, Finished)] == list(FIVE)
    assert {event.name for event in events if isinstance(event, Scored)} == {INPUT, *FIVE}
    kinds = [(event.name, type(event)) for event in events]
    for name in FIVE:
        assert kinds.index((name, Advanced)) < kinds.index((name, Finished)) < kinds.index((name, Scored))
        restored = engine.restorer(name).restore(photo).photo
        np.testing.assert_allclose(decode(tmp_path / f"{name}.png").pixels, restored.pixels, atol=0.5 / 255)


def test_drafts_come_before_outputs_and_grow(checkpoints: Path, tmp_path: Path) -> None:
    engine, photo = Engine(Settings(checkpoints, "cpu")), noise(400, 900)
    chosen = {"student": tmp_path / "student.png"}
    events = [
        event for event in compare(engine, Job(photo, chosen, for_page=True), threading.Event()) if event != Beat()
    ]
    drafts = [event for event in events if isinstance(event, Drafted)]
    sizes = []
    for draft in drafts:
        with Image.open(draft.path) as image:
            sizes.append(image.size)
    assert sizes == [(225, 100), (450, 200)]
    assert events.index(drafts[-1]) < next(i for i, event in enumerate(events) if isinstance(event, Finished))
    assert not any(isinstance(event, Drafted) for event in compare(engine, Job(photo, chosen), threading.Event()))


def test_a_draft_is_shown_until_its_output_is_there(tmp_path: Path) -> None:
    made = record(Visit(tmp_path), "photo")
    output = made.outputs["student"]
    done, output.done, output.state, output.draft = output.done, None, "working", tmp_path / "draft.jpg"
    shown = made.shown()["panes"][-1]
    assert (shown["file"], shown["state"], shown["draft"]["path"]) == (None, "working", str(output.draft))
    output.done = done
    shown = made.shown()["panes"][-1]
    assert (shown["draft"], shown["state"]) == (None, "done")


def test_one_bad_checkpoint_does_not_stop_the_others(checkpoints: Path, tmp_path: Path) -> None:
    class Broken(Engine):
        def restorer(self, name: str) -> Any:
            if name == "student":
                raise CheckpointError("student.safetensors: is damaged.")
            return super().restorer(name)

    events = list(compare(Broken(Settings(checkpoints, "cpu")), Job(noise(), targets(tmp_path)), threading.Event()))
    assert [event for event in events if isinstance(event, Failed)] == [
        Failed("student", "student.safetensors: is damaged.")
    ]
    assert sum(isinstance(event, Finished) for event in events) == 4


def test_an_unexpected_error_is_raised_and_leaves_no_thread(checkpoints: Path, tmp_path: Path) -> None:
    class Broken(Engine):
        def score(self, pixels: np.ndarray) -> Any:
            raise ZeroDivisionError

    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError):
        list(compare(Broken(Settings(checkpoints, "cpu")), Job(noise(), targets(tmp_path)), threading.Event()))
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("how", ["close", "stop"])
def test_closing_or_stopping_ends_the_work_soon(checkpoints: Path, tmp_path: Path, how: str) -> None:
    engine, stop = Engine(Settings(checkpoints, "cpu")), threading.Event()
    before = set(threading.enumerate())
    events = compare(engine, Job(noise(2400, 3000), targets(tmp_path)), stop)
    next(event for event in events if isinstance(event, Advanced) and event.progress.tile == 1)
    started = time.perf_counter()
    if how == "close":
        events.close()
    else:
        stop.set()
        assert sum(isinstance(event, Scored) for event in events) <= 1
    assert time.perf_counter() - started < 10
    assert set(threading.enumerate()) <= before
    assert stop.is_set()
    assert len(list(tmp_path.iterdir())) <= 1


def test_restorers_are_kept_until_their_file_changes(checkpoints: Path) -> None:
    engine = Engine(Settings(checkpoints, "cpu"))
    first = engine.restorer("student")
    assert engine.restorer("student") is first
    path = checkpoints / "student.safetensors"
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert engine.restorer("student") is not first


def test_examples_are_credited_and_small() -> None:
    credits_text = (ROOT / "assets" / "examples" / "CREDITS.md").read_text()
    shown = examples()
    for kind in THREE:
        assert sum(example.degradation == kind for example in shown) >= 2
    for example in shown:
        assert example.path.name in credits_text
        assert example.path.stat().st_size < 200_000
        assert 600 <= decode(example.path).size[1] <= 900


def test_an_example_of_another_degradation_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("blur-x", "haze-x", "haze-y", "snow-x", "dust-x"):
        files.jpeg(tmp_path, name=f"{name}.jpg")
    monkeypatch.setattr("uniremoval.ui.restore.examples.FOLDER", tmp_path)
    assert [example.path.stem for example in examples()] == ["haze-x", "blur-x", "haze-y", "snow-x", "dust-x"]


def test_pickers_offer_what_the_catalog_has(checkpoints: Path) -> None:
    said, *pickers, batch = Adding(Engine(Settings(checkpoints, "cpu")), Visits()).fill()
    assert [set(picker["value"]) >= names for picker, names in zip(pickers, STAGES, strict=True)] == [True] * 4
    assert batch["value"] == ["student-adapted"]
    assert [label for label, _ in pickers[0]["choices"]][:3] == ["Haze", "Rain", "Blur"]
    assert "words" not in said


def test_no_checkpoints_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(Settings())
    monkeypatch.setattr(engine, "catalog", lambda: Catalog([tmp_path]))
    said, *pickers = Adding(engine, Visits()).fill()
    assert all(picker["value"] == [] for picker in pickers)
    assert said == {"kind": "error", "words": text.NO_CHECKPOINTS}


@pytest.mark.parametrize("bad", [True, False])
def test_a_photo_opened_too_late_changes_nothing(visits: Visits, tmp_path: Path, bad: bool) -> None:
    """Other work has begun while it was read: that goes on, with its own photo and its own words."""
    handlers, visit = Handlers(Engine(Settings()), visits, []), visits.of("me")
    later = Opened(tmp_path, "later.png", tmp_path / "later.png", (1, 1))
    handlers.announce_photo(0, ME)

    def slow() -> tuple[Path, str]:
        visit.begin()
        visit.opened = later
        path = tmp_path / "empty.png" if bad else files.png(tmp_path, files.noise(30, 40, 3, bits=8))
        path.touch()
        return path, path.name

    assert handlers._open(ME, 0, slow) == (gr.skip(), gr.skip())
    assert visit.opened is later and visit.busy and visit.fresh is None


def test_of_two_photos_the_later_is_opened(visits: Visits, tmp_path: Path) -> None:
    """Both are chosen before the first one's turn to be read has come."""
    handlers, visit = Handlers(Engine(Settings()), visits, []), visits.of("me")
    first, second = (
        {"path": str(files.png(tmp_path, files.noise(30, 40, 3, bits=8), name=name)), "orig_name": name}
        for name in ("first.png", "second.png")
    )
    for upload in (first, second):
        assert handlers.announce_photo(upload, ME)[1]["interactive"] is False, "nothing may be compared meanwhile"
    assert handlers.open_upload(first, ME) == (gr.skip(), gr.skip()) and visit.fresh is None
    assert handlers.offer(ME) == gr.skip()
    _, shown = handlers.open_upload(second, ME)
    assert shown["panes"] and visit.opened.name == "second.png"
    assert handlers.offer(ME)["interactive"] is True
    broken = {"path": "/etc/passwd", "orig_name": "broken.png"}
    handlers.announce_photo(broken, ME)
    said, _ = handlers.open_upload(broken, ME)
    assert said["kind"] == "error" and handlers.offer(ME)["interactive"] is True


def test_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    chosen = options(["--checkpoints", str(tmp_path), "--port", str(port), "--max-megapixels", "12"])
    found = (chosen.checkpoints, chosen.port, chosen.max_megapixels, chosen.host)
    assert found == (tmp_path, port, 12, "127.0.0.1")
    with pytest.raises(SystemExit):
        options(["--checkpoints", "no-such-folder"])
    assert "no-such-folder: there is no such folder" in capsys.readouterr().err


def test_importing_app_is_light() -> None:
    code = "import app, sys; assert not {'torch', 'gradio', 'pyiqa', 'numpy'} & set(sys.modules); app.demo.launch"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
