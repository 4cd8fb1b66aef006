"""How deep in a backbone each of its parts lies, for whatever treats the deep ones otherwise."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from torch import nn

_NUMBERED = re.compile(r"(.*?)(\d+)")
_HOLDERS = ("blocks", "layers")
"""How a stage may call what holds its blocks: what a block is made of has other names."""


def blocks_of(backbone: nn.Module) -> list[list[str]]:
    """Return the names of a backbone's parameters, one list for each block from input to output.

    The first list is the stem or the embeddings, then comes each numbered block; what follows the
    last block, such as a normalisation or a pooler, goes with it. A backbone without any numbered
    part is one block.

    Args:
        backbone: any module whose parts are registered in the order in which they are passed.
    """
    depths = depths_of(backbone)
    blocks: list[list[str]] = [[] for _ in range(max(depths.values()) + 1)]
    for name, _ in backbone.named_parameters():
        blocks[depths[name.rpartition(".")[0]]].append(name)
    return blocks


def depths_of(backbone: nn.Module) -> dict[str, int]:
    """Return the depth of each module of a backbone, by its name, 0 for those nearest the input.

    Numbers in the names of modules tell the blocks: the items of lists and sequences
    (``encoder.layer.3``), neighbours of one name (``layer1``, ``layer2``), and both within each
    other where stages have blocks (``stages.1.blocks.0``, ``layer1.0``). What a stage has before
    its first block goes with that one. Numbers within a block mean nothing.

    Args:
        backbone: as for :func:`blocks_of`; the backbone itself has the name "".
    """
    walk = _Walk(leaves=False)
    walk.into("", backbone)
    if walk.depth == 0:  # no blocks of several layers: then each layer is one
        walk = _Walk(leaves=True)
        walk.into("", backbone)
    used = sorted({walk.depths[name.rpartition(".")[0]] for name, _ in backbone.named_parameters()})
    last = max(len(used) - 1, 0)
    # what has no parameters, such as a dropout, may lie between two that have
    return {name: min(bisect_left(used, depth), last) for name, depth in walk.depths.items()}


class _Walk:
    """One way through a backbone, from input to output.

    Args:
        leaves: whether single layers are blocks where they are numbered.
    """

    def __init__(self, *, leaves: bool) -> None:
        self.leaves = leaves
        self.depth = 0
        self.depths: dict[str, int] = {}

    def into(self, name: str, module: nn.Module) -> None:
        """Go through a module in which there may be a sequence of blocks."""
        self.depths[name] = self.depth
        items = _numbered(module)
        blocks = any(map(_is_composite, items.values())) or (self.leaves and len(items) > 1)
        for child, part in module.named_children():
            if child in items and blocks:
                self._through(_joined(name, child), part)
            else:
                self.into(_joined(name, child), part)

    def _through(self, name: str, item: nn.Module) -> None:
        """Go through one item of a sequence: a block, a stage of several, or what is no block."""
        if not _has_matrix(item):  # a normalisation or an activation belongs to what it follows
            self._all(name, item)
            return
        self.depth += 1
        self.depths[name] = self.depth
        holder, stage = _stage(item)
        begun = False
        for inner, part in _in_stage(item, holder):
            if inner in stage and _has_matrix(part):
                self.depth += begun
                begun = True
            self._all(_joined(name, inner), part)

    def _all(self, name: str, module: nn.Module) -> None:
        for inner, _ in module.named_modules(remove_duplicate=False):
            self.depths[_joined(name, inner)] = self.depth


def _joined(name: str, child: str) -> str:
    return ".".join(part for part in (name, child) if part)


def _numbered(module: nn.Module) -> dict[str, nn.Module]:
    """Return the children that are numbered: all of a list, or neighbours of one name."""
    children = dict(module.named_children())
    groups: dict[str, list[str]] = {}
    for child, part in children.items():
        found = _NUMBERED.fullmatch(child)
        # convolutions 1 and 2 of a stem are no blocks, even if they are numbered
        if found and (not found[1] or _is_composite(part)):
            groups.setdefault(found[1], []).append(child)
    lists = [each for prefix, each in groups.items() if not prefix or len(each) > 1]
    return {child: part for child, part in children.items() if any(child in each for each in lists)}


def _stage(item: nn.Module) -> tuple[str, set[str]]:
    """Return which child of a stage holds its blocks ("" for the stage itself), and their names."""
    candidates = [("", item)]
    candidates += [(c, part) for c, part in item.named_children() if c.endswith(_HOLDERS)]
    for holder, module in candidates:
        inner = {n: part for n, part in _numbered(module).items() if _has_matrix(part)}
        if inner and all(_is_block(part) for part in inner.values()):
            return holder, {_joined(holder, child) for child in inner}
    return "", set()


def _in_stage(item: nn.Module, holder: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield a stage's children in their order, but in the place of the holder what it holds."""
    for child, part in item.named_children():
        yield (child, nn.Module()) if child == holder else (child, part)
        if child == holder:
            for inner, block in part.named_children():
                yield _joined(holder, inner), block


def _has_matrix(module: nn.Module) -> bool:
    return any(parameter.ndim > 1 for parameter in module.parameters())


def _is_composite(module: nn.Module) -> bool:
    """Tell whether a module is made of others that have parameters."""
    return any(any(True for _ in child.parameters()) for child in module.children())


def _is_block(module: nn.Module) -> bool:
    """Tell a block from a layer with its normalisation, of which blocks are made."""
    plain = isinstance(module, nn.Sequential) and not any(map(_is_composite, module.children()))
    return _is_composite(module) and not plain
