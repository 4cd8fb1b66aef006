"""Low-rank adaptation."""

import re

import torch
from torch import nn

from datamodules.errors import UserError, first_of
from datamodules.extras import library
from datamodules.made_up import made_up_inputs
from datamodules.seeds import global_seed, mix
from datamodules.spec import DataSpec
from lightning_modules.adapters.adapter import Adapter, hold_statistics
from lightning_modules.adapters.layers import (
    adaptable_layers,
    call_layers_one_by_one,
    default_layers,
    named_layers,
)

SHOWN = 6


class LoRA(Adapter):
    """Train two thin matrices beside each chosen layer, and nothing else of the backbone.

    Hu et al. 2022, 'LoRA: Low-Rank Adaptation of Large Language Models', section 4.1: a layer with
    weight W gives W x + (alpha / rank) B A x, where A is (rank, in) and B, zero at first, is (out,
    rank). ``fulgurite export`` adds B A to W, and the network is as fast and as large as before.
    Batch norm keeps its running statistics. It needs peft: ``pip install 'fulgurite[lora]'``.

    Args:
        rank: rows of A.
        alpha: what B A is multiplied by, times ``rank``, so that another rank needs no other rate.
        dropout: rate on what comes into A.
        targets: names of the layers, or the ends of names, such as ``[query, value]``; by default
            the projections to queries and values, in a network without any all linear layers or all
            convolutions, whichever hold more of its weights.
    """

    def __init__(
        self,
        rank: int = 8,
        alpha: float = 16.0,
        dropout: float = 0.0,
        targets: list[str] | None = None,
    ) -> None:
        if rank < 1:
            raise UserError(f"--model.adapter.rank: LoRA needs a rank of at least 1, not {rank}.")
        if not 0.0 < alpha < float("inf"):
            raise UserError(f"--model.adapter.alpha: LoRA needs an alpha above 0, not {alpha}.")
        if not 0.0 <= dropout < 1.0:
            raise UserError(
                f"--model.adapter.dropout: LoRA needs a dropout of 0 up to below 1, not {dropout}."
            )
        if targets is not None and not all(targets):
            targets = []
        if targets == []:
            raise UserError(
                "--model.adapter.targets: LoRA needs the name of at least one layer, such as "
                "[query, value]; left out, it chooses the layers itself."
            )
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.targets = targets
        self.notes: list[str] = []

    def __call__(self, backbone: nn.Module, spec: DataSpec) -> nn.Module:
        """Return the backbone with its chosen layers adapted in place and all else frozen.

        The first weights of A are a function of the run's seed and the network alone.

        Args:
            backbone: as it was built; it is run once on two made-up rows.
            spec: the data, of which it takes the inputs.

        Raises:
            UserError: peft is not installed, or there is no such layer.
        """
        peft = library("peft", "lora", "--model.adapter: LoRA")
        call_layers_one_by_one(backbone)
        layers = adaptable_layers(backbone, made_up_inputs(spec, rows=2))
        if not layers:
            raise UserError(
                f"--model.adapter: {type(backbone).__name__} has no linear layer and no "
                f"convolution that LoRA can adapt: train it without an adapter."
            )
        names = named_layers(self.targets, layers, backbone) if self.targets else []
        names = names or default_layers(layers)
        config = peft.LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules="|".join(map(re.escape, names)),  # as a text, the whole name must match
        )
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(mix(global_seed(), len(names)))
            peft.inject_adapter_in_model(config, backbone)
        hold_statistics(backbone)
        self.notes = [_told(backbone, names)]
        return backbone


def _told(backbone: nn.Module, names: list[str]) -> str:
    """Return how many parameters are trained, and in which layers."""
    sizes = [(p.numel(), p.requires_grad) for p in backbone.parameters()]
    total = sum(size for size, _ in sizes)
    share = sum(size for size, trained in sizes if trained) / total
    layers = "1 layer" if len(names) == 1 else f"{len(names)} layers"
    kinds = first_of((name.rpartition(".")[2] for name in names), SHOWN)
    return (
        f"LoRA: {100 * share:.2g} % of the backbone's {_count(total)} parameters are trained, in "
        f"{layers} ({kinds})"
    )


def _count(number: int) -> str:
    return f"{number / 1e6:.1f} million" if number >= 1e6 else str(number)
