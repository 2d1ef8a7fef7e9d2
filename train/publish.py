"""Publish checkpoints to a model repository on the Hugging Face Hub: weights, cards as JSON, and a README of them.

    python -m train.publish --repo owner/name --checkpoints runs/adapted --dry-run

Log in first with `hf auth login`, or set HF_TOKEN to a token that may write. The repository is made if there is none;
everything goes up in one commit, so nobody ever sees half of it. Files of the same names are replaced, others stay.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from train.engine.start import command
from train.reporting.model_card import readme
from uniremoval.catalog import SHIPPED, SUFFIX, Catalog, Entry
from uniremoval.errors import CheckpointError, HubError
from uniremoval.hub import Repository, explained
from uniremoval.method import Stage


def main(argv: list[str] | None = None) -> None:
    options = _options(argv)
    repository = Repository.parse(options.repo)
    if "@" in options.repo:
        raise HubError(f"--repo {options.repo}: publishing goes to the main branch; leave the revision out.")
    entries = chosen(options.checkpoints)
    if options.dry_run:
        folder = Path(tempfile.mkdtemp(prefix="uniremoval-publish-"))
        write(folder, repository, entries)
        print(f"nothing was uploaded; {repository} would hold the {len(list(folder.iterdir()))} files in {folder}")
        return
    with tempfile.TemporaryDirectory(prefix="uniremoval-publish-") as scratch:
        write(Path(scratch), repository, entries)
        print(upload(Path(scratch), repository, private=options.private))


def chosen(paths: Sequence[Path]) -> list[Entry]:
    """The checkpoints in these folders and files, each under a name of its own. Raises CheckpointError."""
    entries: list[Entry] = []
    for path in paths:
        if path.is_dir():
            catalog = Catalog([path])
            if catalog.problems:
                raise CheckpointError(f"{catalog.problems[0]} Nothing was published.")
            if not (found := catalog.entries()):
                raise CheckpointError(f"{path}: holds no checkpoints; name another folder with --checkpoints.")
            entries += found
        elif path.suffix == SUFFIX:
            entries.append(Catalog([]).find(path))
        else:
            raise CheckpointError(
                f"{path}: there is no such folder, and it is no {SUFFIX} file; correct --checkpoints."
            )
    names = [entry.name for entry in entries]
    for entry in entries:
        if entry.card.stage is Stage.OTHER:
            raise CheckpointError(f"{entry.path}: is another project's network; publish only checkpoints of this one.")
        if names.count(entry.name) > 1:
            raise CheckpointError(
                f"{entry.path}: another checkpoint is called {entry.name!r} too; publish one of them."
            )
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", entry.name):
            raise CheckpointError(
                f"{entry.path}: its name {entry.name!r} makes no file name; use letters, digits, '-', '_' and '.' "
                "(--name when training)."
            )
    return entries


def write(folder: Path, repository: Repository, entries: Sequence[Entry]) -> None:
    """Fill an empty folder with what the repository is to hold."""
    for entry in entries:
        shutil.copyfile(entry.path, folder / f"{entry.name}.safetensors")
        card = json.dumps(dataclasses.asdict(entry.card), indent=1, sort_keys=True)
        (folder / f"{entry.name}.json").write_text(card + "\n", encoding="utf-8")
    page = readme(repository.id, [entry.card for entry in entries], [entry.size for entry in entries])
    (folder / "README.md").write_text(page, encoding="utf-8")


def upload(folder: Path, repository: Repository, *, private: bool = False) -> str:
    """Upload the folder in one commit, to a repository that is made if need be; returns the commit's address.

    private: for a new repository only. Raises HubError.
    """
    from huggingface_hub import HfApi, constants, get_token

    if constants.HF_HUB_OFFLINE:
        raise HubError("HF_HUB_OFFLINE is set, so nothing can be published; unset it and try again.")
    if get_token() is None:
        raise HubError("There is no Hub token; log in with `hf auth login`, or set HF_TOKEN to one that may write.")
    api = HfApi()
    names = ", ".join(sorted(path.stem for path in folder.glob("*.safetensors")))
    with explained(repository):
        api.create_repo(repository.id, private=private, exist_ok=True)
        done = api.upload_folder(repo_id=repository.id, folder_path=folder, commit_message=f"Publish {names}")
    return done.commit_url


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", required=True, metavar="OWNER/NAME", help="the model repository")
    parser.add_argument(
        "--checkpoints",
        nargs="+",
        type=Path,
        default=[SHIPPED],
        metavar="PATH",
        help="folders and .safetensors files (default: the shipped ones)",
    )
    parser.add_argument("--private", action="store_true", help="if the repository is new, only you can see it")
    parser.add_argument("--dry-run", action="store_true", help="only write what would be uploaded, and say where")
    return parser.parse_args(argv)


if __name__ == "__main__":
    command(main)
