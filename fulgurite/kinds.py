"""The kinds of classes that a config names: where they are kept, under which keys they stand."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fulgurite.source_classes import ClassEntry, Parameter, classes_in
from fulgurite.tree import KeyPath

ROOMS = ("callbacks", "datamodules", "lightning_modules")


@dataclass(frozen=True)
class Place:
    """Where classes of a kind are kept.

    Attributes:
        package: whose source is read.
        bases: a class belongs if it derives from one of these, or if there are none.
        public: the package that its users import it from, where that is another.
    """

    package: str
    bases: frozenset[str] = frozenset()
    public: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of class.

    Attributes:
        one: what a single one is called.
        key: the key of a config under which a class of this kind stands.
        places: where they are kept, ours first.
        given: arguments that are not the user's to give.
        counts: tells whether a class of these places is one.
        complete: whether there are no others but by their import paths.
    """

    one: str
    key: str
    places: tuple[Place, ...]
    given: frozenset[str] = frozenset()
    counts: Callable[[ClassEntry], bool] = field(default=lambda entry: True)
    complete: bool = True


def _place(package: str, *bases: str, public: str = "") -> Place:
    return Place(package, frozenset(bases), public)


NO_CHOICES = (
    "BasePredictionWriter",
    "Checkpoint",
    "ProgressBar",
    "Interruption",  # these four are handed objects by the command, which always has them
    "LastCheckpoint",
    "Settings",
    "ValidationPictures",
    "BaseFinetuning",  # these three are there to be derived from
    "FineTuning",
    "Unfreezing",
    "BatchSizeFinder",  # the finders change `lr` and `batch_size` of the module, which has neither
    "LearningRateFinder",
    "WeightAveraging",  # ours average what is trained alone, and are resumed exactly
    "EMAWeightAveraging",
)
AUGMENTATIONS = (
    "Augmentation",
    "InputAugmentation",
    "ImageAugmentation",
    "TokenAugmentation",
    "Mixing",
)
"""What they derive from, itself no choice."""
CALLBACKS = "lightning.pytorch.callbacks"
KINDS = {
    "datamodules": Kind("datamodule", "data", (_place("datamodules", "SupervisedDataModule"),)),
    "models": Kind(
        "model",
        "model",
        (_place("lightning_modules", "SupervisedModule"),),
        frozenset({"spec"}),
    ),
    "backbones": Kind(
        "backbone",
        "backbone",
        (_place("lightning_modules.backbones", "Module"),),
        frozenset({"spec"}),
        # what a backbone is made of lies beside it; only a backbone is built from the data's spec
        lambda entry: "spec" in entry.parameters,
    ),
    "adapters": Kind("adapter", "adapter", (_place("lightning_modules.adapters", "Adapter"),)),
    "heads": Kind(
        "head",
        "head",
        (_place("lightning_modules.heads"), _place("torch.nn.modules.linear", public="torch.nn")),
        frozenset({"in_features", "out_features", "device", "dtype"}),
        # torch's other linear layers are no plain maps from features to outputs
        lambda entry: entry.name == "Linear" or entry.path.startswith("lightning_modules."),
        complete=False,
    ),
    "losses": Kind(
        "loss",
        "loss",
        (
            _place("lightning_modules.losses"),
            _place("torch.nn.modules.loss", "_Loss", "_WeightedLoss", "NLLLoss", public="torch.nn"),
        ),
        frozenset({"size_average", "reduce"}),  # deprecated in torch for years
        lambda entry: "2d" not in entry.name,
    ),
    "optimizers": Kind(
        "optimizer",
        "optimizer",
        (_place("torch.optim", "Optimizer", public="torch.optim"),),
        frozenset({"params"}),
        # nothing here has sparse gradients
        lambda entry: entry.name != "SparseAdam",
    ),
    "schedules": Kind(
        "schedule",
        "schedule",
        (
            _place("lightning_modules.schedules", "WarmupSchedule"),
            _place("torch.optim.lr_scheduler", "LRScheduler"),
        ),
        frozenset({"optimizer", "total_steps", "last_epoch"}),
        # a schedule is told the step alone; what waits for a figure is WarmupPlateau
        lambda entry: entry.name != "ReduceLROnPlateau" and "ABC" not in entry.bases,
    ),
    "parameter_groups": Kind(
        "choice of parameter groups",
        "parameter_groups",
        (_place("lightning_modules.parameter_groups", "ParameterGroups"),),
        complete=False,
    ),
    "callbacks": Kind(
        "callback",
        "callbacks",
        (
            _place("callbacks", "Callback", "ProgressBar", "WeightAverage"),
            _place(CALLBACKS, "Callback", public=CALLBACKS),
        ),
        counts=lambda entry: entry.name not in NO_CHOICES,
    ),
    "augmentations": Kind(
        "transform",
        "augment",
        (_place("datamodules.augmentation", *AUGMENTATIONS),),
        complete=False,
    ),
    "features": Kind(
        "kind of features",
        "features",
        (_place("datamodules.features", "ColumnFeatures", "PastFeatures", "Embeddings"),),
    ),
    "steps": Kind(
        "step of numbers",
        "steps",
        (_place("datamodules.features.steps", "Step", "JointStep"),),
    ),
    "cleaning": Kind(
        "cleaning step",
        "cleaning",
        (_place("datamodules.cleaning", "RowStep", "TrainingStep"),),
    ),
    "splits": Kind(
        "split",
        "split",
        (_place("datamodules.splits", "ShareSplit", "Folds", "GivenParts"),),
        counts=lambda entry: "ABC" not in entry.bases,
        complete=False,
    ),
    "samplers": Kind(
        "sampler",
        "sampler",
        (_place("datamodules.samplers", "RowSampler"),),
        complete=False,
    ),
    "readers": Kind("reader", "reader", (_place("datamodules.sources", "Reader"),), complete=False),
    "loggers": Kind(
        "logger",
        "logger",
        (_place("lightning.pytorch.loggers", "Logger", public="lightning.pytorch.loggers"),),
        counts=lambda entry: entry.name not in ("DummyLogger", "LitLogger"),
        complete=False,
    ),
}


@functools.cache
def classes_of(kind: str) -> dict[str, ClassEntry]:
    """Return the classes of a kind by their short names, with the arguments that a user gives."""
    entries: dict[str, ClassEntry] = {}
    for place in KINDS[kind].places:
        known = {entry.name: entry for entry in classes_in(place.package)}
        for entry in known.values():
            if _derives(entry, place.bases, known):
                found = _as_users_see(entry, place, known)
                if KINDS[kind].counts(found):
                    entries.setdefault(entry.name, _without(found, KINDS[kind].given))
    return entries


def kind_at(path: KeyPath) -> str | None:
    """Return the kind of class that stands at a place of a config, or in a list there."""
    return kind_of_key(path[-2] if path[-1].isdigit() else path[-1])


def kind_of_key(key: str) -> str | None:
    """Return the kind of class that stands under a key of a config, if any."""
    return next((name for name, kind in KINDS.items() if kind.key == key), None)


@functools.cache
def our_classes() -> dict[str, ClassEntry]:
    """Return every public class of the rooms by its short name."""
    return {entry.name: entry for room in ROOMS for entry in classes_in(room)}


def class_named(name: str, key: str) -> ClassEntry | None:
    """Return the class that a short name stands for, if any.

    Args:
        name: the last part of an import path.
        key: of a config, under which it stands; a class of the kind that belongs there goes first.
    """
    kind = kind_of_key(key)
    return (classes_of(kind).get(name) if kind else None) or our_classes().get(name)


def _derives(entry: ClassEntry, bases: frozenset[str], known: dict[str, ClassEntry]) -> bool:
    """Tell whether a class derives from one of the bases, itself or through its neighbours."""
    if not bases:
        return True
    if entry.name in bases:
        return False
    return any(
        base in bases
        or (base in known and base != entry.name and _derives(known[base], bases, known))
        for base in entry.bases
    )


def _as_users_see(entry: ClassEntry, place: Place, known: dict[str, ClassEntry]) -> ClassEntry:
    path = f"{place.public}.{entry.name}" if place.public else entry.path
    return replace(entry, path=path, parameters=_inherited(entry, known))


def _inherited(entry: ClassEntry, known: dict[str, ClassEntry]) -> dict[str, Parameter]:
    """Return the arguments of a class, or of the nearest base that has any."""
    if entry.parameters:
        return entry.parameters
    bases = [known[base] for base in entry.bases if base in known and base != entry.name]
    return next((found for base in bases if (found := _inherited(base, known))), {})


def _without(entry: ClassEntry, given: frozenset[str]) -> ClassEntry:
    left = {name: each for name, each in entry.parameters.items() if name not in given}
    return replace(entry, parameters=left)
