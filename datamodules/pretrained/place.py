"""Where a pretrained network is: in a file, a folder, an installed package, on the hub."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datamodules.errors import UserError, nearest
from datamodules.pretrained.below import DEEPEST, files_below
from datamodules.pretrained.hub import INDEX, from_hub, is_hub_name, shards
from datamodules.pretrained.packaged import PREFIX as PACKAGE
from datamodules.pretrained.packaged import folder_of_package, release_of
from datamodules.pretrained.samples import PREFIX as SAMPLE
from datamodules.pretrained.samples import sample_weights

RANDOM, CHECKPOINT = "random", "checkpoint"
"""What stands where no file is meant: no weights at all, or those of the checkpoint that is loaded
into the network once it is built."""
SUFFIXES = (".safetensors", ".bin", ".pth", ".pt", ".ckpt")
"""Endings of files of weights, the safest first."""
USUAL = (
    "model.safetensors",
    f"model.safetensors{INDEX}",
    "pytorch_model.bin",
    f"pytorch_model.bin{INDEX}",
)
"""What the libraries of the hub call the weights of a network, the safest first."""
BEST = "checkpoints/best.ckpt"
"""In a run's folder, the checkpoint that is meant by the run."""
BESIDE = (
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "special_tokens_map.json",
    "1_Pooling/config.json",
)
"""What may lie beside the weights and says how they are used."""


@dataclass(frozen=True)
class Place:
    """A network's files.

    Attributes:
        name: as the user wrote it.
        files: the weights, in one file or several.
        folder: the folder with all that lies beside them; ``None`` where a file was named.
        revision: of a repository or the release of a package, where there is one.
    """

    name: str
    files: tuple[Path, ...]
    folder: Path | None = None
    revision: str | None = None

    def beside(self, name: str) -> Path | None:
        """Return a file of the network's folder, if it is there."""
        path = None if self.folder is None else self.folder / name
        return path if path is not None and path.is_file() else None

    def digits(self) -> str:
        """Return the SHA-256 of the weights."""
        if len(self.files) == 1:
            return _digits(self.files[0])
        joined = "".join(_digits(file) for file in self.files)
        return hashlib.sha256(joined.encode()).hexdigest()

    def as_plain(self) -> dict[str, Any]:
        """Return where the weights came from, for a run's provenance."""
        return {
            "name": self.name,
            "revision": self.revision,
            "sha256": self.digits(),
            "files": [str(file) for file in self.files],
        }


def in_no_file(weights: str) -> bool:
    """Tell whether a name stands for weights that no file is asked for."""
    return weights.lower() in (RANDOM, CHECKPOINT)


def is_pretrained(place: Place | None, weights: str | None) -> bool:
    """Tell whether a network's weights are pretrained, be it by way of a checkpoint of ours."""
    return place is not None or (weights or "").lower() == CHECKPOINT


def rebuilt_with(pretrained: bool) -> str:
    """Return the name of the weights with which a trained network is built again."""
    return CHECKPOINT if pretrained else RANDOM


def locate(name: str) -> Place:
    """Return where the weights of a network are.

    Args:
        name: a file; a folder with one network; a run's folder, whose best checkpoint is meant;
            ``package:NAME`` or the bare name of an installed package that ships weights, with the
            path of a file in it if there are several; a repository of the hub, with ``@REVISION``
            if need be; ``sample:NAME``.

    Raises:
        UserError: nothing of that name is found, in any of these places.
    """
    folder, revision = find(name, (USUAL, ("config.json",)), BESIDE)
    if folder.is_file():
        return Place(name, _with_shards(folder), folder.parent if _is_alone(folder) else None)
    files = _weights_in(folder, name)
    return Place(name, files, files[0].parent, revision)


def find(
    name: str, wanted: Sequence[Sequence[str]], optional: Sequence[str] = ()
) -> tuple[Path, str | None]:
    """Return the file or folder that a name stands for, and its revision.

    Args:
        name: as :func:`locate` takes it.
        wanted: what is fetched if it is on the hub, see :func:`from_hub`.
        optional: what is fetched beside.

    Raises:
        UserError: nothing of that name is found.
    """
    _refuse_no_name(name)
    if name.startswith(SAMPLE):
        return sample_weights(name)
    path = Path(name).expanduser()
    if not name.startswith(PACKAGE) and (path.is_file() or path.is_dir()):
        return path, None
    package, _, inside = name.removeprefix(PACKAGE).partition("/")
    root = folder_of_package(package)
    if root is not None and (name.startswith(PACKAGE) or _ships_weights(root / inside)):
        if not (root / inside).exists():
            raise UserError(f"The package '{package}' has no '{inside}' in '{root}'.")
        return root / inside, release_of(package)
    if name.startswith(PACKAGE):
        raise UserError(f"There is no installed package '{package}': pip install {package}.")
    if not is_hub_name(name) or path.suffix in (*SUFFIXES, ".json"):
        raise UserError(f"There is no file or folder '{name}'.{_alike(path)}")
    try:
        folder = from_hub(name, wanted, optional)
    except UserError as error:
        raise UserError(
            f"There is no file or folder '{name}' in '{Path.cwd()}' and no installed package of "
            f"that name, and {error}"
        ) from error
    return folder, folder.name if folder.parent.name == "snapshots" else None


def _refuse_no_name(name: str) -> None:
    if not name.removeprefix(PACKAGE).strip():
        raise UserError(
            f"'{name}' names no network: give a file, a folder, an installed package, a repository "
            f"of the hub or a sample, such as {SAMPLE}minilm."
        )


def _weights_in(folder: Path, name: str) -> tuple[Path, ...]:
    """Return the files of the one network that a folder, or one below it, holds.

    Raises:
        UserError: there is none, or more than one.
    """
    for usual in (*USUAL, BEST):
        if (folder / usual).is_file():
            return _with_shards(folder / usual)
    inside = sorted(file for file in files_below(folder) if file.suffix in SUFFIXES)
    usual_files = [file for file in inside if file.name in USUAL]
    for suffix in SUFFIXES:
        found = [file for file in usual_files or inside if file.suffix == suffix]
        if len(found) == 1:
            return _with_shards(found[0])
        if found:
            listed = ", ".join(str(file.relative_to(folder)) for file in found[:5])
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            raise UserError(
                f"'{name}' holds the weights of more than one network: {listed}{more}. "
                f"Name one, as {name.rstrip('/')}/{found[0].relative_to(folder)}."
            )
    raise UserError(
        f"There are no weights in '{name}' ('{folder}'): a file that ends in "
        f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} is looked for there and in folders up to "
        f"{DEEPEST} below."
    )


def _with_shards(file: Path) -> tuple[Path, ...]:
    if not file.name.endswith(INDEX):
        return (file,)
    files = tuple(file.parent / part for part in shards(file))
    missing = [part.name for part in files if not part.is_file()]
    if missing:
        raise UserError(f"'{file}' names '{missing[0]}', which does not lie beside it.")
    return files


def _is_alone(file: Path) -> bool:
    """Tell whether what lies beside a file that was named is of the same network."""
    return (file.parent / "config.json").is_file() and file.name in USUAL


def _ships_weights(path: Path) -> bool:
    if path.is_file():
        return path.suffix in SUFFIXES
    return any(file.suffix in SUFFIXES for file in files_below(path))


def _alike(path: Path) -> str:
    """Return a hint at what lies in the folder under a like name."""
    if not path.parent.is_dir():
        return f" There is no folder '{path.parent}' either."
    there: Iterable[Path] = (each for each in path.parent.iterdir())
    names = [str(each) for each in there if not each.name.startswith(".")]
    return nearest(str(path), names)


def _digits(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
