"""What an augmentation is: a change to the rows of a training batch, decided by where they are."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn

from datamodules.augmentation.draws import Draws
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec


class Augmentation(nn.Module, ABC):
    """A random change to each row of a batch, decided by :class:`Draws` and nothing else.

    A subclass draws equally often for each batch, whatever its hyper-parameters, and keeps no other
    random state.
    """

    @abstractmethod
    def change(self, batch: Batch, draws: Draws, spec: DataSpec | None) -> Batch:
        """Return a changed batch; the one that is given stays as it is.

        Args:
            batch: whose inputs are a dictionary.
            draws: the batch's random numbers.
            spec: the data; ``None`` where they are images that nobody described.

        Raises:
            UserError: there is nothing in it that could be changed.
        """

    def _within(self, name: str, given: float, low: float, high: float) -> float:
        """Return a hyper-parameter, checked to be in [low, high]."""
        if not low <= given <= high:
            raise UserError(
                f"{type(self).__name__} takes {name} from {low:g} to {high:g}, but got {given}."
            )
        return given

    def _range(
        self, name: str, given: tuple[float, float], low: float, high: float
    ) -> tuple[float, float]:
        """Return a pair of limits, checked to be in order and in (low, high]."""
        pair = tuple(given)
        if len(pair) != 2 or not low < pair[0] <= pair[1] <= high:
            raise UserError(
                f"{type(self).__name__} takes {name} as two numbers, the smaller first, above "
                f"{low:g} and up to {high:g}, but got {list(pair)}."
            )
        return pair[0], pair[1]


class InputAugmentation(Augmentation):
    """A change to the inputs of one kind, with the same random numbers for each of them."""

    kind: ClassVar[str]
    """What it changes, for a person."""

    @abstractmethod
    def forward(self, values: Tensor, draws: Draws) -> Tensor:
        """Return changed values, as a new tensor or, where nothing changes, the one given.

        Args:
            values: an input that :meth:`takes` says yes to; never changed in place.
            draws: the batch's random numbers.

        Shape:
            as it was
        """

    @staticmethod
    @abstractmethod
    def takes(name: str, values: Tensor) -> bool:
        """Tell whether an input of the batch is one to be changed."""

    def change(self, batch: Batch, draws: Draws, spec: DataSpec | None) -> Batch:
        """Return a batch with each input of the kind changed, and all else as it was."""
        inputs = named_inputs(batch)
        taken = [name for name, values in inputs.items() if self.takes(name, values)]
        if not taken:
            raise nothing_to_change(type(self).__name__, self.kind, inputs)
        operation = draws.operation
        changed = dict(inputs)
        for name in taken:
            draws.operation = operation
            changed[name] = self.changed(inputs[name], draws, spec)
        return {**batch, "inputs": changed}

    def changed(self, values: Tensor, draws: Draws, spec: DataSpec | None) -> Tensor:
        """Return one changed input; by default what the values alone decide."""
        new: Tensor = self(values, draws)
        return new


def named_inputs(batch: Batch) -> dict[str, Tensor]:
    """Return the inputs of a batch, which augmentations are always given by name."""
    inputs = batch["inputs"]
    assert isinstance(inputs, dict)
    return inputs


class NothingToChangeError(UserError):
    """A transform was given data of another kind; who has the list of transforms says where."""


def nothing_to_change(transform: str, kind: str, inputs: dict[str, Tensor]) -> NothingToChangeError:
    """Return the error for a transform that data of another kind were given to."""
    called = {name: f"'{name}'" if name else "the input" for name in inputs}
    found = ", ".join(f"{called[name]} is {told(values)}" for name, values in inputs.items())
    return NothingToChangeError(f"{transform} changes {kind}, and this data set has none: {found}.")


def told(values: Tensor) -> str:
    """Return type and shape as a person reads them."""
    return f"{str(values.dtype).removeprefix('torch.')} {tuple(values.shape)}"
