"""Image files that cannot be read, all of them named at once."""

from pathlib import Path

from datamodules.errors import UserError
from datamodules.sources.folders import ImageFiles
from datamodules.sources.pixels import decode
from datamodules.sources.threads import in_threads

NAMED = 5
"""So many are named; of more, the number is told."""


class BrokenImagesError(UserError):
    """Images that cannot be read.

    Args:
        told: the sentence.
        broken: the name of each, with what is wrong with it.
    """

    def __init__(self, told: str, broken: dict[str, str]) -> None:
        super().__init__(told)
        self.broken = broken


def broken_images(source: str, files: ImageFiles) -> BrokenImagesError:
    """Return an error that tells which of the files are broken; each is decoded to find out.

    Args:
        source: where the files are, as the user wrote it.
        files: of which one at least is broken.
    """
    errors = in_threads(_full_error, files.paths, "looking for broken images")
    broken = {
        name: "empty file" if _is_empty(path) else _reason(error)
        for name, path, error in zip(files.names, files.paths, errors, strict=True)
        if error is not None
    }
    named = [f"'{name}' ({reason})" for name, reason in list(broken.items())[:NAMED]]
    more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    told = (
        f"{len(broken)} of the {len(files.names)} images in '{source}' cannot be read: "
        f"{', '.join(named)}{more}. Mend or remove them."
    )
    return BrokenImagesError(told, broken)


def _full_error(path: Path) -> Exception | None:
    try:
        decode(path, 1, 1, 1)
    except Exception as error:  # Pillow raises many kinds on a broken file
        return error
    return None


def _is_empty(path: Path) -> bool:
    return path.is_file() and path.stat().st_size == 0


def _reason(error: Exception) -> str:
    if type(error).__name__ == "UnidentifiedImageError":
        return "not an image"
    if isinstance(error, OSError) and error.strerror:  # its text would repeat the path
        return error.strerror.lower()
    return str(error).strip().rstrip(".") or type(error).__name__
