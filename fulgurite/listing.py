"""``fulgurite list``: what there is to choose from, read from the code itself."""

import ast
import json
import shutil
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from datamodules.errors import UserError, unknown
from fulgurite.configs import shipped_configs
from fulgurite.kinds import KINDS, classes_of, our_classes
from fulgurite.source_classes import ClassEntry, folder_of

TOPICS = (*KINDS, "samples", "weights", "configs")
SAMPLES = "datamodules.sources.samples"
NETWORKS = "datamodules.pretrained"


@dataclass(frozen=True)
class Item:
    """One line of a list.

    Attributes:
        name: to type.
        summary: what it is.
        parameters: what it takes, with defaults; ``None`` where one must be given.
    """

    name: str
    summary: str
    parameters: dict[str, str | None]


def items_of(topic: str) -> list[Item]:
    """Return what there is of a topic.

    Raises:
        UserError: there is no such topic.
    """
    if topic in KINDS:
        return [_item(entry) for entry in classes_of(topic).values()]
    if topic == "samples":
        return samples()
    if topic == "weights":
        return networks()
    if topic == "configs":
        return [
            Item(name, path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# "), {})
            for name, path in shipped_configs().items()
        ]
    raise unknown("list", topic, TOPICS)


def samples() -> list[Item]:
    """Return the named data sets, which are the public functions of the files of samples."""
    folder = folder_of(SAMPLES)
    return _functions(sorted(folder.glob("*.py")) if folder else [])


def networks() -> list[Item]:
    """Return the named weights, which are the public functions of the file of networks."""
    folder = folder_of(NETWORKS)
    return _functions([folder / "networks.py"] if folder else [])


def _functions(files: Iterable[Path]) -> list[Item]:
    """Return what stands behind ``sample:NAME`` in some files."""
    return [
        Item(f"sample:{node.name}", (ast.get_docstring(node) or "").partition("\n")[0], {})
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def listed(words: list[str], *, as_json: bool = False) -> str:
    """Return the text of ``fulgurite list WORDS``.

    Args:
        words: a topic or the name of a class; none lists the names of all topics.
        as_json: for a program.

    Raises:
        UserError: nothing has that name.
    """
    if len(words) > 1:
        raise UserError(f"list takes one word and not {len(words)}: {' '.join(words)}.")
    if words and words[0] not in TOPICS:
        return _one(words[0], as_json=as_json)
    topics = words or list(TOPICS)
    if as_json:
        return json.dumps({topic: [vars(item) for item in items_of(topic)] for topic in topics})
    if words:
        return "\n".join(line for item in items_of(words[0]) for line in _lines(item))
    lines = [_wrapped(topic, ", ".join(item.name for item in items_of(topic))) for topic in topics]
    return "\n".join([*lines, "", "fulgurite list backbones, or list ConvNet, says more."])


def _one(name: str, *, as_json: bool) -> str:
    known = {entry.name: entry for kind in KINDS for entry in classes_of(kind).values()}
    known = {**our_classes(), **known}
    if name in shipped_configs() and not as_json:
        return shipped_configs()[name].read_text(encoding="utf-8").rstrip()
    named = {item.name: item for item in (*samples(), *networks())}
    if (found := named.get(name)) and not as_json:
        return f"{found.name}\n\n{found.summary}"
    if name not in known:
        topics = [*TOPICS, *(item for kind in KINDS for item in classes_of(kind))]
        raise unknown("list or class", name, topics)
    entry = known[name]
    if as_json:
        return json.dumps({**vars(_item(entry)), "path": entry.path, "doc": entry.doc})
    arguments = [f"  {told}" for told in _parameters(_item(entry))]
    return "\n".join([entry.path, "", *arguments, *([""] if arguments else []), entry.doc])


def _item(entry: ClassEntry) -> Item:
    parameters = {name: each.default for name, each in entry.parameters.items()}
    return Item(entry.name, entry.summary, parameters)


def _lines(item: Item) -> Iterable[str]:
    yield _wrapped(item.name, item.summary)
    if item.parameters:
        yield _wrapped("", "  ".join(_parameters(item)))


def _parameters(item: Item) -> list[str]:
    return [
        f"{name} (required)" if default is None else f"{name}={default}"
        for name, default in item.parameters.items()
    ]


def _wrapped(name: str, text: str) -> str:
    """Return a name and what is said of it, within the width of the terminal."""
    width = min(100, shutil.get_terminal_size((80, 24)).columns)
    column = 22
    head = f"{name:<{column}}" if len(name) < column else f"{name}\n{'':<{column}}"
    filled = textwrap.fill(
        text, width, initial_indent=" " * column, subsequent_indent=" " * column,
        break_on_hyphens=False,
    )  # fmt: skip
    return head + filled[column:] if text else head.rstrip()
