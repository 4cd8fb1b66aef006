"""Classes that are rare, or missing from a part."""

import numpy as np
import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Example, Finding
from datamodules.splits.split import PARTS

RARE = 0.05
"""The share of training rows below which a class is rare."""
UNEVEN = 10
"""The largest class has so many times the rows of the smallest."""


def imbalance(audited: Audited) -> list[Finding]:
    """Find a target of which some class is rare in training."""
    names, counts = audited.spec.names, np.array(audited.spec.counts)
    if audited.spec.kind not in ("binary", "multiclass", "multilabel") or not counts.sum():
        return []
    shares = counts / max(1, audited.spec.rows)
    rare = np.flatnonzero((shares < RARE) & (counts * UNEVEN <= counts.max()))
    if audited.spec.kind == "binary":
        rare = np.flatnonzero(shares < RARE * 2)
    if not len(rare):
        return []
    rare = rare[np.argsort(counts[rare], kind="stable")]
    note = (
        f"{len(rare)} of {len(names)} classes are rare; '{names[rare[0]]}' is "
        f"{shares[rare[0]]:.1%} of the training rows: accuracy says little"
    )
    examples = [
        Example(column=audited.target[0], value=f"{names[place]} ({counts[place]} rows)")
        for place in rare[:3]
    ]
    advice = "model.loss: FocalLoss, and checkpoint.monitor: val/f1"
    return [Finding("imbalance", "info", len(rare), note, advice, examples)]


def unseen_classes(audited: Audited) -> list[Finding]:
    """Find classes that stand in validation or test, and not in training."""
    if audited.spec.kind not in ("binary", "multiclass"):
        return []
    column = audited.records.frame[audited.target[0]].cast(pl.String)
    known = column[audited.split.train].unique()
    findings = []
    for place in (1, 2):
        rows = audited.split[place]
        strange = ~column[rows].is_in(known.implode()).to_numpy()
        if not strange.any():
            continue
        note = (
            f"{strange.sum()} {PARTS[place]} rows are of a class that no training row has: a model "
            f"is wrong on each"
        )
        found = rows[strange]
        examples = [audited.example(row, audited.target[0]) for row in found[:3]]
        findings.append(
            Finding(
                "unseen_class",
                "warning",
                len(found),
                note,
                "data.split: StratifiedSplit, or leave such rows out of the source",
                examples,
                list(audited.target),
                found.tolist(),
            )
        )
    return findings


def no_test(audited: Audited) -> list[Finding]:
    """Find a split that holds nothing out for a test."""
    if len(audited.split.test):
        return []
    note = "no rows are held out for a test: the figures that rows chose a model by are too good"
    return [Finding("no_test", "high", 0, note, "data.split.test: 0.15")]
