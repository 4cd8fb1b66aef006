"""What is wrong with a config, found by walking it beside the signatures that it names.

The parser says that something does not fit. Here it is looked for again, setting by setting, so
that the message can name the key, the file and the line, what was given, and the nearest choices.
"""

import dataclasses
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import lightning as L
from jsonargparse._parameter_resolvers import get_signature_parameters
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint

from datamodules.errors import UserError, choices, most_alike, nearest, unknown
from fulgurite.annotations import (
    WantedClass,
    accepts,
    described,
    element,
    literals,
    members,
    value_of,
    wanted_class,
)
from fulgurite.arguments import Arguments
from fulgurite.imported import import_class, shown
from fulgurite.kinds import KINDS, classes_of, kind_at
from fulgurite.names import short_name
from fulgurite.tree import CLASS_KEYS, KeyPath, class_path, init_args

MOST = 3
"""Mistakes that are told at once."""
ROOT: dict[str, Any] = {
    "data": L.LightningDataModule,
    "model": L.LightningModule,
    "early_stopping": EarlyStopping | None,
    "checkpoint": ModelCheckpoint | None,
    "seed_everything": bool | int,
}
DATA = "TabularDataModule"
MISSING = {
    "data": "which data? Say --data TabularDataModule, TextDataModule or ImageDataModule",
    "model": "which model? Say --model Classification or Regression",
}
LINKED = frozenset({"spec"})
"""Arguments of the model that the data give."""
MEANT = {
    "lr": "model.optimizer.lr",
    "learning_rate": "model.optimizer.lr",
    "batch_size": "data.batch_size",
    "seed": "seed_everything",
    "epochs": "trainer.max_epochs",
    "optimizer": "model.optimizer",
    "backbone": "model.backbone",
    "loss": "model.loss",
    "source": "data.source",
    "target": "data.target",
    "callbacks": "trainer.callbacks",
    "ckpt_path": "resume' or '--init_from",
}
"""What people mean by a key that stands at the root."""

SYNONYMS = {"learning_rate": "lr", "l2": "weight_decay", "hidden_size": "width", "layers": "depth"}
"""Other names of the same thing."""

Mistakes = Iterator[tuple[KeyPath, str]]


def mistakes(arguments: Arguments) -> list[str]:
    """Return what is wrong, each with its place, at most ``MOST``; nothing if all seems right."""
    found = list(dict.fromkeys(_in_root(arguments.tree, arguments.accepted)))[:MOST]
    return [f"{arguments.where(path)}: {told}" for path, told in found]


def _in_root(tree: dict[str, Any], own: Iterable[str]) -> Mistakes:
    trainer = {each.name: each.annotation for each in get_signature_parameters(L.Trainer, None)}
    strange = [key for key in tree if key not in ROOT and key != "trainer"]
    for key in strange:
        yield (key,), _unknown_root_key(key, trainer, own)
    for key, say in MISSING.items():
        if tree.get(key) is None and not strange:
            yield (key,), f"{say}, or name a config that does: --config digits_cnn."
    for key, annotation in ROOT.items():
        if tree.get(key) is not None:
            yield from _in_value((key,), tree[key], annotation, LINKED if key == "model" else ())
    yield from _in_trainer(tree.get("trainer") or {}, trainer)


def _in_trainer(given: Any, known: dict[str, Any]) -> Mistakes:
    if not isinstance(given, dict):
        yield ("trainer",), f"{shown(given)} was given, but it takes keys such as max_epochs."
        return
    for key, value in given.items():
        if key in known:
            yield from _in_value(("trainer", key), value, known[key])
        else:
            yield ("trainer", key), f"the trainer has no setting '{key}'.{choices(key, known)}"


def _unknown_root_key(key: str, trainer: Iterable[str], own: Iterable[str]) -> str:
    meant = {**{name: f"trainer.{name}" for name in trainer}, **MEANT}
    meant = {name: where for name, where in meant.items() if name not in own}
    near = most_alike(key, [*ROOT, "trainer", "config", *meant, *own])
    hint = " or ".join(list(dict.fromkeys(f"'--{meant.get(name, name)}'" for name in near))[:3])
    did = f" Did you mean {hint}?" if near else ""
    valid = ", ".join(f"'{name}'" for name in (*ROOT, "trainer"))
    return f"a config has no key '{key}' at its root.{did} Valid: {valid}."


def _in_value(path: KeyPath, value: Any, annotation: Any, linked: Iterable[str] = ()) -> Mistakes:
    """Yield what is wrong with one setting; where the parser takes it whole, nothing is."""
    if not linked and accepts(annotation, value):
        return
    inner = element(annotation)
    if isinstance(value, str) and inner is not None and wanted_class(annotation) is None:
        found = list(_in_value(path, value, inner))
        yield from found or [(path, f"a list is wanted, such as [{short_name(value, path[-1])}].")]
        return
    held, inner = _held(value, annotation)
    if inner is not None:
        for key, each in held:
            yield from _in_value((*path, key), each, inner)
        return
    wanted = wanted_class(annotation)
    if wanted is not None and _looks_like_class(value, annotation):
        found = list(_in_class(path, value, wanted, frozenset(linked)))
        yield from found
        if found or linked:
            return
    if value is True and bool not in members(annotation):
        yield path, f"no value was given, but it takes {described(annotation)}."
        return
    hint = nearest(value, literals(annotation))
    yield path, f"{shown(value)} was given, but it takes {described(annotation)}.{hint}"


def _held(value: Any, annotation: Any) -> tuple[list[tuple[str, Any]], Any]:
    """Return what a list or a mapping holds, and the annotation of it if they are accepted."""
    if isinstance(value, list):
        return [(str(place), each) for place, each in enumerate(value)], element(annotation)
    if isinstance(value, dict) and wanted_class(annotation) is None:
        return [(str(key), each) for key, each in value.items()], value_of(annotation)
    return [], None


def _looks_like_class(value: Any, annotation: Any) -> bool:
    if isinstance(value, dict):
        return True
    # where text or true is accepted too, only what reads as a name of a class is meant as one
    return isinstance(value, str) and value[:1].isalpha() and value not in ("true", "false")


def _in_class(path: KeyPath, node: Any, wanted: WantedClass, linked: frozenset[str]) -> Mistakes:
    name = class_path(node)
    given = init_args(node)
    if name is None and "class_path" in node:
        yield (
            (*path, "class_path"),
            f"class_path is {shown(node['class_path'])}, but it takes the name of a class.",
        )
        return
    try:
        target = _imported(name, path, wanted.base) if name else _usual(path, wanted.base)
    except UserError as error:
        yield (*path, "class_path"), str(error)
        return
    if target is None:
        slip = next((key for key in given if nearest(key, ["class_path"])), None)
        if slip is not None:
            yield (*path, slip), f"there is no key '{slip}' here. Did you mean 'class_path'?"
        else:
            yield path, f"which {_one(path)}? {_names(path)}"
        return
    yield from _in_arguments(path, given, target, wanted, linked)
    if name:  # what the program names itself has all it needs
        yield from _missing(path, given, target, wanted.given | linked, wanted.first)


def _in_arguments(
    path: KeyPath, given: dict[str, Any], target: Any, wanted: WantedClass, linked: frozenset[str]
) -> Mistakes:
    parameters = get_signature_parameters(target, None)[wanted.first :]
    known = {each.name: each for each in parameters if each.name not in wanted.given | linked}
    for key, value in given.items():
        if key in known:
            yield from _in_value((*path, key), value, known[key].annotation)
        elif key in linked:
            yield (*path, key), "the data give this; it is not to be set."
        else:
            yield (*path, key), _unknown_argument(key, target, known)


def _missing(
    path: KeyPath, given: dict[str, Any], target: Any, skipped: frozenset[str], first: int
) -> Mistakes:
    for each in get_signature_parameters(target, None)[first:]:
        if each.default is inspect.Parameter.empty and each.name not in {*given, *skipped}:
            inner = (*path, each.name)
            takes = f"it takes {described(each.annotation)}."
            say = _names(inner) if kind_at(inner) else takes
            yield (*path, "class_path"), f"{target.__name__} needs '{'.'.join(inner)}': {say}"


def _one(path: KeyPath) -> str:
    """Return what a class at a place is called."""
    kind = kind_at(path)
    return KINDS[kind].one if kind else "class"


def _names(path: KeyPath) -> str:
    """Return how to name a class at a place."""
    kind = kind_at(path)
    names = list(classes_of(kind)) if kind else []
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    one_of = f", one of {', '.join(names[:6])}{more}" if names else ""
    return f"Say --{'.'.join(path)} CLASS{one_of}."


def _unknown_argument(key: str, target: Any, known: dict[str, Any]) -> str:
    inner = [
        f"{name}.{key}"
        for name, each in known.items()
        if wanted_class(each.annotation)
        and inspect.isclass(each.default)
        and key in {other.name for other in get_signature_parameters(each.default, None)}
    ]
    if SYNONYMS.get(key) in known:
        inner.append(SYNONYMS[key])
    told = f" Did you mean '{inner[0]}'?" if inner else choices(key, [*known, *_beside(key)])
    return f"{target.__name__} has no argument '{key}'.{told}"


def _beside(key: str) -> list[str]:
    """Return the keys of a class itself, for a typo such as ``init_arg``."""
    return most_alike(key, CLASS_KEYS[:2])[:1]


def _usual(path: KeyPath, base: type) -> Any:
    """Return the class that stands at a place where the user names none."""
    usual = {("early_stopping",): EarlyStopping, ("checkpoint",): ModelCheckpoint}
    if path in usual:
        return usual[path]
    if path == ("model", "optimizer"):
        from torch.optim import AdamW

        return AdamW
    return base if dataclasses.is_dataclass(base) else None


def _imported(name: str, path: KeyPath, base: type) -> Any:
    """Import a class by its path, or find an imported one by its short name.

    Raises:
        UserError: there is none, or it is of another kind.
    """
    kind = kind_at(path)
    if name.isidentifier():
        short = {each.__name__: each for each in _subclasses(base)}
        if name not in short:
            raise unknown(_one(path), name, classes_of(kind) if kind else short)
        return short[name]
    if path == ("data",) and Path(name).suffix in (".csv", ".tsv", ".json", ".jsonl", ".parquet"):
        raise UserError(f"'{name}' is a file: name it by --data.source, and say --data {DATA}.")
    try:
        target = import_class(name)
    except UserError as error:
        if kind is None or "there is no module" not in str(error):
            raise
        raise UserError(f"{error}{nearest(name.rpartition('.')[2], classes_of(kind))}") from error
    if not callable(target):
        raise UserError(f"'{name}' is {shown(target)}, and no class.")
    names = classes_of(kind) if kind else {}
    # where a union is asked for, base is its first class alone, and the others are of the kind
    if inspect.isclass(target) and not issubclass(target, base) and target.__name__ not in names:
        valid = f" Valid: {', '.join(names)}." if names else ""
        raise UserError(f"{target.__name__} is no {base.__name__}.{valid}")
    return target


def _subclasses(base: type) -> Iterator[type]:
    each: type
    for each in base.__subclasses__():
        yield each
        yield from _subclasses(each)
