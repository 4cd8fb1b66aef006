"""What a config for a source should say, and why."""

import math
from dataclasses import dataclass, field
from typing import Any

from datamodules.image import ImageDataModule
from datamodules.loader import fitting_batch_size
from datamodules.progress import progress
from datamodules.records import Records
from datamodules.sources.named import PREFIX, READERS, is_sample, sample_names
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.grouped import GroupedSplit
from datamodules.splits.stratified import StratifiedSplit
from datamodules.supervised import SupervisedDataModule
from datamodules.tabular import TabularDataModule
from datamodules.targets.pick import check_columns
from datamodules.text import TextDataModule
from fulgurite.init.kind import KindOfRows, is_image_source, is_text_folder, kind_of_table
from fulgurite.init.labels import separator_of
from fulgurite.init.request import Request
from fulgurite.init.target import no_target

MODELS: dict[str, dict[str, Any]] = {
    "TabularDataModule": {"backbone": "TabularMLP"},
    "ImageDataModule": {"backbone": "ConvNet"},
    # what texts teach from nothing is mostly which words they hold
    "TextDataModule": {
        "backbone": "BagOfWords",
        "optimizer": {"class_path": "AdamW", "lr": 5e-3, "weight_decay": 0.05},
    },
}
STEPS = {"TabularDataModule": 2500, "TextDataModule": 1000, "ImageDataModule": 2500}
"""Steps after which these models have learnt most of what they will, on the data tried."""
EPOCHS = (4, 50)
"""The fewest and the most epochs: a large table is seen a few times, a small one not forever."""
LARGE = 200_000
"""Rows of a table from which larger batches cost nothing."""
FEW = 50
"""Different numbers that may be classes after all."""
SIDE = 64
"""Pixels of a side that a small network on a CPU can look at."""


@dataclass
class Plan:
    """A config to be.

    Attributes:
        datamodule: the class of the data, by its name.
        data: its arguments.
        model: the class of the task.
        parts: what it is made of.
        epochs: at most.
        summary: one line on what is learnt.
        remarks: at the end of some lines of the config, by the argument.
        decisions: what was decided, with the reason, for a person.
    """

    datamodule: str
    data: dict[str, Any]
    model: str = ""
    parts: dict[str, Any] = field(default_factory=dict)
    epochs: int = 0
    summary: str = ""
    remarks: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)

    @property
    def backbone(self) -> str:
        """The name of the network."""
        return str(self.parts["backbone"])


def plan(request: Request) -> Plan:
    """Look at the rows and decide.

    Raises:
        UserError: the rows cannot be read, or not be learnt from as the user wants.
    """
    kind, records = _kind(request)
    made = Plan(kind.datamodule.__name__, _arguments(request, kind, records))
    made.decisions["data"] = f"{made.datamodule}: {kind.why}"
    datamodule = _built(kind, made.data)
    if records is None or kind.datamodule is ImageDataModule:
        datamodule.setup("fit")
    else:
        datamodule.prepare(records)
    if kind.datamodule is ImageDataModule and _shrink(made, datamodule):
        datamodule = _built(kind, made.data)
        datamodule.setup("fit")
    _decide_task(made, datamodule)
    _decide_split(made, request, datamodule)
    _keep_lone_classes(made, datamodule)
    _decide_length(made, datamodule)
    made.decisions |= {f"note {i}": note for i, note in enumerate(datamodule.notes, 1)}
    return made


def _kind(request: Request) -> tuple[KindOfRows, Records | None]:
    source = request.source
    if is_image_source(source) or _is_sample(source, ImageDataModule):
        return KindOfRows(ImageDataModule, None, "the source holds images"), None
    if is_text_folder(source) or _is_sample(source, TextDataModule):
        return KindOfRows(TextDataModule, request.text, "the source holds texts"), None
    with progress("reading rows"):
        records = TabularDataModule(**_source(request)).read()
    hidden = _list(request.target or records.target)
    if not hidden and not records.no_target:
        raise no_target(records.frame.columns, records.origin)
    for flag, names in (
        ("target", hidden),
        ("text", _list(request.text)),
        ("group", _list(request.group)),
        ("time", _list(request.time)),
    ):
        check_columns(records.frame, names, flag, records.origin)
    return kind_of_table(records.frame, [*hidden, *_list(request.group)], request.text), records


def _arguments(request: Request, kind: KindOfRows, records: Records | None) -> dict[str, Any]:
    data: dict[str, Any] = _source(request)
    if kind.text is not None:
        data["text"] = kind.text
    if request.target is not None:
        data["target"] = request.target
    if separator := request.separator or _separator(request, records):
        data["separator"] = separator
    if request.task is not None:
        data["task"] = request.task
    if request.group is not None:
        data["split"] = {"class_path": "GroupedSplit", "group": request.group}
    if request.time is not None:
        data["split"] = {"class_path": "TimeSplit", "time": request.time}
    return data


def _separator(request: Request, records: Records | None) -> str | None:
    """Return what stands between the labels of a target's cells, if they hold several."""
    if records is None or not isinstance(request.target, str):
        return None
    wanted = request.task in (None, "multilabel")
    return separator_of(records.frame[request.target]) if wanted else None


def _source(request: Request) -> dict[str, Any]:
    query = {} if request.query is None else {"query": request.query}
    return {"source": request.source, **query}


def _built(kind: KindOfRows, data: dict[str, Any]) -> SupervisedDataModule:
    """Return the datamodule, with objects for classes as the config's parser would make them."""
    match data.get("split"):
        case {"group": column}:
            data = {**data, "split": GroupedSplit(column)}
        case {"time": column}:
            data = {**data, "split": TimeSplit(column)}
    datamodule = kind.datamodule(**data)
    # a class of one row is no reason to give up: it is told, and trained on
    datamodule.recipe.otherwise = StratifiedSplit(rare="train")
    return datamodule


def _keep_lone_classes(made: Plan, datamodule: SupervisedDataModule) -> None:
    """Train on classes of one row, which a split refuses where nobody says what becomes of them."""
    target = datamodule.spec.target
    assert target is not None
    if (
        "split" in made.data
        or _by_folders(datamodule)
        or target.kind not in ("binary", "multiclass")
    ):
        return
    lone = [name for name, rows in zip(target.names, target.counts, strict=True) if rows == 1]
    if lone:
        named = ", ".join(map(repr, lone[:3])) + ", ..." * (len(lone) > 3)
        made.data["split"] = {"rare": "train"}
        made.remarks["split"] = f"{named}: one row, which is trained on and never tested"


def _by_folders(datamodule: SupervisedDataModule) -> bool:
    """Tell whether folders called train, val and test say what is held out."""
    splitter = datamodule.trained.splitter if datamodule.trained else None
    return splitter is not None and splitter["class_path"].endswith(".FileSplit")


def _shrink(made: Plan, datamodule: SupervisedDataModule) -> bool:
    """Choose a smaller side where images would be slow; return whether it did."""
    _, height, width = datamodule.spec.inputs["image"]
    if max(height, width) <= SIDE:
        return False
    made.data["size"] = SIDE
    made.remarks["size"] = "pixels; larger sees more and takes longer"
    return True


def _decide_task(made: Plan, datamodule: SupervisedDataModule) -> None:
    assert datamodule.trained is not None
    target = datamodule.spec.target
    assert target is not None
    named = ", ".join(f"'{name}'" for name in datamodule.trained.target)
    made.model = "Regression" if target.kind == "regression" else "Classification"
    match target.kind:
        case "regression":
            what = f"{named}, mean {target.mean[0]:.4g}"
            are = "is a number" if len(target.names) == 1 else "are numbers"
            # of several it is the mean of each one's, as the figures of a run are
            error = sum(target.std) / len(target.std)
            why = f"{named} {are}; always saying the mean has an RMSE of {error:.4g}"
            other = "classification" if _values(datamodule) <= FEW else ""
        case "multilabel":
            what = f"{named}, {len(target.names)} labels"
            why = f"{named} holds several of {len(target.names)} labels a row"
            other = ""
        case _:
            most = max(range(len(target.names)), key=lambda place: target.counts[place])
            share = target.counts[most] / target.rows
            what = f"{named}, {len(target.names)} classes"
            why = (
                f"{named} has {len(target.names)} values; always saying '{target.names[most]}' is "
                f"right in {share:.1%} of the rows"
            )
            other = "regression" if all(map(_is_number, target.names)) else ""
    switch = f" (--task {other} if that is wrong)" if other and "task" not in made.data else ""
    made.summary = f"{made.model} of {what}"
    made.decisions["task"] = f"{made.model}: {why}{switch}"
    made.parts = {**MODELS[made.datamodule], "schedule": "WarmupCosine"}
    made.decisions["backbone"] = f"{made.backbone}; others: fulgurite list backbones"


def _is_number(name: str) -> bool:
    return name.lstrip("-").replace(".", "", 1).isdecimal()


def _decide_split(made: Plan, request: Request, datamodule: SupervisedDataModule) -> None:
    split = datamodule.split
    assert split is not None
    target = datamodule.spec.target
    assert target is not None
    kept = "range" if target.kind == "regression" else "frequencies"
    how = f"with the target's {kept} in each; --group or --time where rows are not independent"
    if request.group is not None:
        how = f"no '{request.group}' stands in two of them"
    if request.time is not None:
        how = f"by '{request.time}', the last held out"
    if _by_folders(datamodule):
        how = "as their folders are called"
    made.decisions["split"] = (
        f"{len(split.train)} rows to train, {len(split.val)} to validate, {len(split.test)} held "
        f"out: {how}"
    )


def _decide_length(made: Plan, datamodule: SupervisedDataModule) -> None:
    assert datamodule.split is not None
    rows = len(datamodule.split.train)
    size = fitting_batch_size(rows, datamodule.most)
    if isinstance(datamodule, TabularDataModule) and rows >= LARGE:
        size = 1024
    steps = math.ceil(rows / size)
    least, most = EPOCHS
    made.epochs = min(most, max(least, round(STEPS[made.datamodule] / steps)))
    made.data["batch_size"] = size
    made.remarks["batch_size"] = f"{steps} steps an epoch"
    made.decisions["length"] = (
        f"at most {made.epochs} epochs of {steps} steps, {size} rows each; it stops sooner where "
        f"validation no longer gets better"
    )


def _is_sample(source: str | list[str], datamodule: type[SupervisedDataModule]) -> bool:
    if not isinstance(source, str) or not is_sample(source):
        return False
    kind = next(kind for kind, reader in READERS.items() if reader == datamodule.__name__)
    return source.removeprefix(PREFIX) in sample_names(kind)


def _list(names: str | list[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or [])


def _values(datamodule: SupervisedDataModule) -> int:
    """Return how many different numbers the target of the training rows has."""
    assert datamodule.store is not None
    assert datamodule.store.target is not None
    assert datamodule.split is not None
    return len(datamodule.store.target[datamodule.split.train].unique())
