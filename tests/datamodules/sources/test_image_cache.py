"""Images are decoded once, whatever is changed, killed, damaged or full in between."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from datamodules.fingerprint import fingerprint, image_digests
from datamodules.records import Records
from datamodules.sources import image_cache, images, pixels
from datamodules.sources.images import read_images


@pytest.fixture(autouse=True)
def any_folder_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_cache, "WORTH_BYTES", 0)


@pytest.fixture
def folder() -> Path:
    """Two classes of ten noisy images each."""
    rng = np.random.default_rng(0)
    for label in ("cat", "dog"):
        Path("data", label).mkdir(parents=True)
        for i in range(10):
            save(Path(f"data/{label}/{i}.png"), rng.integers(0, 255, (9, 12, 3), np.uint8))
    return Path("data")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that grows with each file that is opened."""
    opened: list[Path] = []

    def note(work: Callable[..., Any]) -> Callable[..., Any]:
        def noting(path: Path, *arguments: Any) -> Any:
            opened.append(path)
            return work(path, *arguments)

        return noting

    for name in ("decode", "probe"):
        monkeypatch.setattr(images, name, note(getattr(pixels, name)))
    return opened


def save(path: Path, values: np.ndarray) -> None:
    Image.fromarray(values).save(path)


def cache() -> Path:
    return Path(os.environ["FULGURITE_CACHE"], "images")


def in_memory(**how) -> Records:
    """Read as if there were no cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_cache.ImageCache, "is_worth_it", False)
        return read_images("data", **how)


def same(one: Records, other: Records) -> bool:
    assert one.images is not None
    assert other.images is not None
    return torch.equal(one.images, other.images) and one.frame.equals(other.frame)


@pytest.mark.parametrize("how", [{}, {"size": 7}, {"channels": 1}, {"size": (5, 8), "channels": 3}])
def test_pixels_and_fingerprint_are_those_of_decoding(folder, how):
    plain = in_memory(**how)
    for _ in range(2):
        kept = read_images("data", **how)
        assert same(kept, plain)
        assert kept.notes == plain.notes
        assert kept.images is not None
        assert kept.digests is not None
        assert torch.equal(kept.digests, image_digests(kept.images))
        assert fingerprint(kept) == fingerprint(plain)


def test_the_second_start_opens_no_image(folder, decoded):
    save(folder / "cat" / "0.png", np.zeros((30, 20), np.uint8))  # so that a size is to be chosen
    first = read_images("data")
    assert len(decoded) == 40  # each looked at, and each decoded
    decoded.clear()
    second = read_images("data")
    assert decoded == []
    assert same(first, second)
    assert first.notes == second.notes
    assert len(first.notes) == 1


def test_the_size_that_was_chosen_is_the_same_when_it_is_asked_for(folder, decoded):
    read_images("data")
    decoded.clear()
    read_images("data", (9, 12), 3)
    assert decoded == []
    read_images("data", 6)
    assert len(decoded) == 20


def test_few_images_are_not_kept(folder, monkeypatch):
    monkeypatch.setattr(image_cache, "WORTH_BYTES", 1 << 20)
    read_images("data")
    assert not cache().exists()
    monkeypatch.setattr(image_cache, "WORTH_FILES", 20)
    read_images("data")
    assert cache().exists()


def other_content_in_the_same_time(path: Path) -> None:
    before, size = path.stat(), path.stat().st_size
    save(path.with_name("new.bmp"), np.full((9, 12, 3), 7, np.uint8))
    content = path.with_name("new.bmp").read_bytes()
    path.with_name("new.bmp").unlink()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == size


def test_a_changed_an_added_and_a_removed_file_are_seen(folder, decoded):
    read_images("data")
    for change in (
        lambda: save(folder / "dog" / "3.png", np.zeros((9, 12, 3), np.uint8)),
        lambda: save(folder / "cat" / "new.png", np.ones((9, 12, 3), np.uint8)),
        lambda: (folder / "cat" / "1.png").unlink(),
        lambda: (folder / "cat" / "2.png").rename(folder / "dog" / "2b.png"),
    ):
        change()
        decoded.clear()
        assert same(read_images("data"), in_memory())
        assert len(decoded) > 19


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no time of the entry's change")
def test_other_content_of_the_same_length_and_time_is_seen(folder):
    save(folder / "cat" / "0.bmp", np.zeros((9, 12, 3), np.uint8))
    read_images("data")
    time.sleep(0.05)  # beyond one tick of the file system's clock
    other_content_in_the_same_time(folder / "cat" / "0.bmp")
    read = read_images("data")
    assert read.images is not None
    assert read.images[0].eq(7).all()


def test_a_truncated_file_is_built_anew(folder, decoded):
    read_images("data")
    (kept,) = cache().glob("*/*.pixels")
    os.truncate(kept, 100)
    decoded.clear()
    assert same(read_images("data"), in_memory())
    assert len(decoded) == 20 + 40


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b'{"digests": 3}', b'{"digests": "00"}', b'{"digests": "x"}', b"\xff"],
)
@pytest.mark.parametrize("name", ["heads.json", "9x12x3.json"])
def test_damaged_notes_are_written_anew(folder, name, content):
    read_images("data")
    (kept,) = cache().glob(f"*/{name}")
    whole = kept.read_bytes()
    kept.write_bytes(content)
    assert same(read_images("data"), in_memory())
    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_is_told_and_does_without(folder, monkeypatch):
    Path("file").write_text("no folder")
    monkeypatch.setenv("FULGURITE_CACHE", str(Path("file", "cache").absolute()))
    records = read_images("data")
    assert same(records, in_memory())
    assert records.notes == [
        "The images of 'data' are in memory and will be decoded again next time: they cannot be "
        f"kept in '{cache()}' (Not a directory); FULGURITE_CACHE names another folder."
    ]


def test_what_is_kept_can_be_read_where_nothing_can_be_written(folder, decoded, monkeypatch):
    read_images("data")
    decoded.clear()
    opened = os.open

    def read_only(path, flags, *mode):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *mode)

    monkeypatch.setattr(os, "open", read_only)
    records = read_images("data")
    assert decoded == []
    assert records.notes == []


def test_a_full_disk_is_told_and_does_without(folder, monkeypatch):
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    records = read_images("data")
    assert "(No space left on device)" in records.notes[0]
    assert same(records, in_memory())
    assert not list(cache().glob("*/*.partial"))
    monkeypatch.undo()


def test_too_little_room_is_seen_before_anything_is_decoded(folder, monkeypatch):
    usage = shutil.disk_usage(".")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "(its disk has no room for 0.0 GB)" in read_images("data").notes[0]


def test_a_broken_image_is_told_and_leaves_nothing_half_built(folder):
    path = folder / "cat" / "4.png"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    for _ in range(2):
        with pytest.raises(UserError, match="1 of the 20 images in 'data' cannot be read: 'cat/4"):
            read_images("data")
    assert not list(cache().glob("*/*.p*"))
    path.write_bytes(whole)
    assert same(read_images("data"), in_memory())


def test_writing_to_the_pixels_changes_no_file(folder):
    images = read_images("data").images
    assert images is not None
    before = images[0, 0, 0, 0].item()
    (kept,) = cache().glob("*/*.pixels")
    content = kept.read_bytes()
    images[0, 0, 0, 0] += 1
    assert kept.read_bytes() == content
    images[0, 0, 0, 0] = before


READ = """
import hashlib, sys, time
from datamodules.sources import image_cache, images
image_cache.WORTH_BYTES = 0
decode, count = images.decode, 0
def slow(*arguments):
    global count
    count += 1
    time.sleep(0.02)
    return decode(*arguments)
images.decode = slow
print("ready", flush=True)
sys.stdin.readline()
read = images.read_images("data")
print(count, hashlib.sha256(read.images.numpy()).hexdigest())
"""


def reader() -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", READ]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=child_environment()
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def child_environment() -> dict[str, str]:
    root = Path(image_cache.__file__).parents[2]
    return {**os.environ, "PYTHONPATH": str(root)}


def go(child: "subprocess.Popen[str]") -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


@pytest.mark.slow
def test_of_two_that_start_at_once_one_decodes(folder):
    children = [reader(), reader()]
    for child in children:
        go(child)
    told = [child.communicate(timeout=60)[0].split() for child in children]
    assert sorted(int(count) for count, _ in told) == [0, 20]
    assert told[0][1] == told[1][1] == in_memory_digits()


def in_memory_digits() -> str:
    images = in_memory().images
    assert images is not None
    return hashlib.sha256(images.numpy().tobytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_builder_leaves_nothing_that_is_used(folder):
    child = reader()
    go(child)
    wait_for(lambda: any(cache().glob("*/*.partial")))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert same(read_images("data"), in_memory())
    assert not list(cache().glob("*/*.partial"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_the_one_that_waits_for_a_killed_builder_builds(folder):
    first, second = reader(), reader()
    go(first)
    wait_for(lambda: any(cache().glob("*/*.partial")))
    go(second)
    time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    count, digits = second.communicate(timeout=60)[0].split()
    first.communicate()
    assert int(count) == 20
    assert digits == in_memory_digits()


def wait_for(condition) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
