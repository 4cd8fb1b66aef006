"""Weights that others trained, put into a network of the same architecture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from datamodules.errors import UserError, first_of
from datamodules.pretrained.samples import sample_instead

Size = Sequence[int]
COLOURS = 3
WRAPPERS = ("module.", "model.", "backbone.", "encoder.", "network.", "_orig_mod.")
"""What programs put before every name, beside what the library of a network calls it."""
COUNTERS = ("num_batches_tracked", "position_ids", "token_type_ids", "relative_position_index")
"""Buffers that say nothing of what was learnt: a file may have them or not."""


@dataclass(frozen=True)
class Loaded:
    """What came of a file of weights.

    Attributes:
        name: of the weights.
        loaded: how many of the file's tensors the network has now.
        total: how many the file has.
        left_out: names in the file of what the network has no place for: heads.
        fresh: names in the network that the file does not have; they begin at random.
        adapted: names of what was fitted to another number of channels.
    """

    name: str
    loaded: int
    total: int
    left_out: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    adapted: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """Return it as one line."""
        parts = [f"loaded {self.loaded} of {self.total} tensors of '{self.name}'"]
        for what, names in (
            ("left out", self.left_out),
            ("new", self.fresh),
            ("fitted to the images' channels", self.adapted),
        ):
            if names:
                parts.append(f"{what}: {first_of(names)}")
        return "; ".join(parts)


def load_weights(
    network: nn.Module,
    tensors: Mapping[str, Tensor],
    name: str,
    *,
    heads: Sequence[str] = (),
    optional: Sequence[str] = (),
    channels: int = COLOURS,
    called: str | None = None,
) -> Loaded:
    """Fill a network with tensors of the same names and shapes, all but its heads.

    Names may have a prefix in the file that they do not have in the network. What the file has
    beside is a head, and left out, if it begins as one of ``heads`` or as no layer of the network
    does; else the file is of another network, though some of its tensors fit. Where images have
    another number of channels than 3 the first convolutions are fitted to them.

    Args:
        network: built, with no head.
        tensors: from a file.
        name: of the weights, for errors.
        heads: beginnings of the names of heads.
        optional: beginnings of the names that a file may lack.
        channels: of the images.
        called: the network, for errors; its class if ``None``.

    Raises:
        UserError: the file is of another network; a name or a shape that differs is told. Or it
            holds numbers that are none.
    """
    own, called = network.state_dict(), called or type(network).__name__
    given = _named_alike(tensors, own)
    fitted = dict(given)
    adapted = [key for key in given if key in own and _is_stem(given[key], own[key], channels)]
    for key in adapted:
        fitted[key] = with_channels(given[key], channels)
    used = {key: value for key, value in fitted.items() if key in own}
    others = [key for key in fitted if key not in own and not key.endswith(COUNTERS)]
    fresh = [key for key in own if key not in used and not key.endswith(COUNTERS)]
    tops = {key.partition(".")[0] for key in own}
    strange = [key for key in others if not _is_head(key, heads, tops)]
    missing = [key for key in fresh if not key.startswith(tuple(optional))]
    if missing or strange:
        there = (len(used), len(own))
        strange = strange if used else strange or list(given)
        raise of_another_network(name, called, there, missing, strange)
    for key, value in used.items():
        if value.shape != own[key].shape:
            raise of_another_shape(name, called, key, value.shape, own[key].shape)
    own.update(used)  # with what torch notes beside them, such as the version of a layer
    network.load_state_dict(own)
    refuse_not_finite(network, name)
    return Loaded(name, len(used), len(tensors), others, fresh, adapted)


def with_channels(weight: Tensor, channels: int) -> Tensor:
    """Return the weights of a first convolution for images of another number of channels.

    Of grey images the sum over the colours, which sees three equal colours as before; of more than
    three channels the colours again and again, less the more there are, so that the sum over the
    channels stays (as timm does, Wightman 2019).

    Args:
        weight: (out, 3, height, width).
        channels: of the images.

    Returns:
        (out, channels, height, width).
    """
    if channels == 1:
        return weight.sum(dim=1, keepdim=True)
    colours = weight.shape[1]
    repeated = weight.repeat(1, -(-channels // colours), 1, 1)[:, :channels]
    return repeated * (colours / channels)


def _named_alike(tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors by names without the prefix that the file puts before those it shares."""
    firsts = {f"{key.partition('.')[0]}." for key in tensors}
    best, most = dict(tensors), len(tensors.keys() & own.keys())
    for prefix in [*WRAPPERS, *sorted(firsts)]:
        named = {key.removeprefix(prefix): value for key, value in tensors.items()}
        shared = len(named.keys() & own.keys())
        if shared > most and len(named) == len(tensors):
            best, most = named, shared
    return best


def _is_stem(given: Tensor, own: Tensor, channels: int) -> bool:
    """Tell whether weights are of a convolution of colours where the images have other channels."""
    out, colours, *kernel = given.shape if given.ndim == 4 else (0, 0)
    return colours == COLOURS != channels and tuple(own.shape) == (out, channels, *kernel)


def _is_head(name: str, heads: Sequence[str], tops: set[str]) -> bool:
    return name.startswith(tuple(heads)) or name.partition(".")[0] not in tops


def of_another_network(
    name: str, called: str, there: tuple[int, int], missing: Sequence[str], strange: Sequence[str]
) -> UserError:
    """Return what to tell of weights that are of another network.

    Args:
        name: of the weights.
        called: the network.
        there: how many of its tensors the file has by name, and how many it has.
        missing: names that the file lacks.
        strange: names in the file that are of no layer.
    """
    told = f"'{name}' is of another network than {called}: {there[0]} of its {there[1]} "
    told += "tensors are there by name"
    told += f"; it has no {first_of(missing)}" if missing else ""
    told += f"; it has {first_of(strange)}, which is of no layer here" if strange else ""
    return UserError(f"{told}.{sample_instead(name)}")


def of_another_shape(name: str, called: str, key: str, given: Size, own: Size) -> UserError:
    """Return what to tell of a tensor that has another shape in the file than in the network."""
    return UserError(
        f"'{name}' does not fit {called}: '{key}' is {tuple(given)} there and {tuple(own)} in the "
        f"network."
    )


def refuse_not_finite(network: nn.Module, name: str) -> None:
    """Refuse weights from which nothing can be learnt.

    Args:
        network: with the weights.
        name: of the weights.

    Raises:
        UserError: what was learnt holds NaN or infinity, by its name in the network.
    """
    buffers = network.named_buffers()  # others, such as masks, may be endless by design
    sums = [each for each in buffers if each[0].endswith(("running_mean", "running_var"))]
    for key, tensor in [*network.named_parameters(), *sums]:
        if not bool(tensor.isfinite().all()):
            raise UserError(
                f"'{name}' has NaN or infinity in '{key}', so nothing can be learnt from it: was "
                f"it kept after a training that diverged, or in half precision?"
            )


def as_floats(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors of half precision as the default type: they are trained here."""
    floats = torch.get_default_dtype()
    return {k: v.to(floats) if v.is_floating_point() else v for k, v in tensors.items()}
