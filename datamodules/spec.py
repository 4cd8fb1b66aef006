"""What a model needs to know of the data, as plain values that a checkpoint can hold."""

from typing import Any, Literal, NotRequired, TypedDict

TargetKind = Literal["binary", "multiclass", "multilabel", "regression"]


class TokenizerSpec(TypedDict):
    """A tokenizer that others trained.

    Attributes:
        name: of the network that it belongs to; an absolute path where it is a local one.
        sha256: of all that decides which ids a text gets.
        shift: how far its ids are moved up, so that id 0 is padding.
        size: the greatest id and one, after the move.
    """

    name: str
    sha256: str
    shift: int
    size: int


class SpecParts(TypedDict):
    """What the inputs' features know of a :class:`DataSpec`; its arguments of the same names."""

    inputs: dict[str, list[int]]
    cardinalities: NotRequired[dict[str, list[int]]]
    columns: NotRequired[dict[str, list[str]]]
    quantiles: NotRequired[list[list[float]]]
    vocabulary: NotRequired[str]
    tokenizer: NotRequired[TokenizerSpec | None]


class TargetSpec:
    """The meaning of the target.

    Args:
        kind: ``binary`` and ``multiclass`` targets are one class index a row, (N,) int64;
            ``multilabel`` targets are 0 or 1 for each class, (N, C) float32; ``regression`` targets
            are numbers in the user's units, (N, K) float32.
        names: class names in the order of the logits, or the names of the K numbers.
        counts: training rows of each class; empty for regression.
        mean: training mean of each number, in the user's units; empty unless regression.
        std: training standard deviation of each number; empty unless regression.
        rows: training rows that were counted.
    """

    def __init__(
        self,
        kind: TargetKind,
        names: list[str],
        counts: list[int] | None = None,
        mean: list[float] | None = None,
        std: list[float] | None = None,
        rows: int = 0,
    ) -> None:
        self.kind: TargetKind = kind
        self.names = names
        self.counts = counts or []
        self.mean = mean or []
        self.std = std or []
        self.rows = rows

    def as_config(self) -> dict[str, Any]:
        """Return the dictionary from which this object is rebuilt."""
        return _as_config(self)


class DataSpec:
    """The inputs by name and the target.

    An ordinary class on purpose: the command's parser would expand a dataclass into arguments.

    Args:
        inputs: each input by name, with the shape of one row, such as ``{"image": [1, 8, 8]}``,
            ``{"numeric": [5], "categorical": [3]}`` or ``{"tokens": [256]}`` (at most 256 tokens).
        target: the target; ``None`` where there is nothing to predict.
        cardinalities: for inputs of integers, how many values each column takes: one number for
            each categorical column, one number (the vocabulary's size) for tokens. Id 0 stands for
            padding or a value never seen in training.
        columns: the names of an input's columns, where they have names.
        quantiles: for each numeric column, increasing quantiles of its training rows in the units
            that the model is given; at least two for each column.
        vocabulary: name and hash of what turns text into tokens.
        tokenizer: which one gave the ids of tokens, if others trained it.
    """

    def __init__(
        self,
        inputs: dict[str, list[int]],
        target: TargetSpec | None = None,
        cardinalities: dict[str, list[int]] | None = None,
        columns: dict[str, list[str]] | None = None,
        quantiles: list[list[float]] | None = None,
        vocabulary: str | None = None,
        tokenizer: TokenizerSpec | None = None,
    ) -> None:
        self.inputs = inputs
        self.target = target
        self.cardinalities = cardinalities or {}
        self.columns = columns or {}
        self.quantiles = quantiles or []
        self.vocabulary = vocabulary
        self.tokenizer = tokenizer

    def as_config(self) -> dict[str, Any]:
        """Return the dictionary from which the command line rebuilds this object."""
        return _as_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DataSpec":
        """Return the object that ``as_config`` described."""
        arguments = dict(config["init_args"])
        if arguments["target"] is not None:
            arguments["target"] = TargetSpec(**arguments["target"]["init_args"])
        return cls(**arguments)


def _as_config(spec: DataSpec | TargetSpec) -> dict[str, Any]:
    values = {
        name: value.as_config() if isinstance(value, TargetSpec) else value
        for name, value in vars(spec).items()
    }
    return {
        "class_path": f"{type(spec).__module__}.{type(spec).__qualname__}",
        "init_args": values,
    }
