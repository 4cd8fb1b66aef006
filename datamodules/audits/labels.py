"""Targets that contradict each other, or what the other rows teach."""

from dataclasses import replace

import numpy as np

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Example, Finding, Severity
from datamodules.cleaning.conflicts import Conflicts
from datamodules.cleaning.copies import MANY
from datamodules.cleaning.noisy_labels import NoisyLabels

ROWS = 10_000
"""Training rows whose labels are looked at; of more, a sample."""
FOLDS = 3
FEWEST = 5
"""Rows of a class, in the mean, below which nobody can say."""
HARD = 0.2
"""A share of suspicious labels that says more of the classes than of the labels."""


def label_conflict(audited: Audited) -> list[Finding]:
    """Find rows of equal inputs and unlike targets."""
    used = np.flatnonzero(audited.part >= 0)
    shown = audited.seen
    hidden = [c for c in audited.records.frame.columns if c not in (*shown, *audited.target)]
    records = audited.records
    kept = records.frame.drop(hidden)
    cleaned = Conflicts("report")(
        replace(records, frame=kept, names=None, leave_out=[]), used, audited.target
    )
    if cleaned.table is None or (audited.spec.kind == "regression" and audited.is_table):
        return []
    share = len(cleaned.rows) / len(used)
    coarse = audited.records.images is None and share > MANY
    severity: Severity = "info" if audited.is_table or coarse else "warning"
    note = f"{len(cleaned.rows)} rows have the inputs of another row and another target"
    advice = (
        "nothing: so many are what a table of few columns or values has"
        if coarse
        else "data.cleaning: [Conflicts]"
    )
    rows = cleaned.table["row"].to_list()
    groups = cleaned.table["conflict"].to_list()
    examples: list[Example] = []
    for place in range(len(rows) - 1):
        if groups[place] == groups[place + 1] and len(examples) < 3:
            column = audited.target[0]
            examples.append(audited.example(rows[place], column, other=rows[place + 1]))
    return [
        Finding("label_conflict", severity, len(rows), note, advice, examples, rows=sorted(rows))
    ]


def label_suspect(audited: Audited) -> list[Finding]:
    """Find training rows whose label a model that has not seen them contradicts with confidence."""
    if audited.spec.kind not in ("binary", "multiclass"):
        return []
    places = audited.sample(ROWS)
    if len(places) < FEWEST * len(audited.spec.names):
        return []
    cleaned = NoisyLabels("report", folds=FOLDS, seed=audited.seed).fit(audited.training(places))
    if cleaned.table is None or not len(cleaned.table):
        return []
    table = cleaned.table
    share = len(table) / len(places)
    of = f"{len(places)} training rows" + (
        " that were drawn" if len(places) < len(audited.split.train) else ""
    )
    note = f"{len(table)} of {of} ({share:.1%}) have a label that the other rows contradict"
    if share > HARD:
        note += ", so many that classes rather cannot be told apart"
    examples = [
        audited.example(row, audited.target[0], f"{label}, rather {other}")
        for row, label, other in table["row", "label", "suggested"].head(3).iter_rows()
    ]
    advice = "data.cleaning: [NoisyLabels] lists them all in the run's folder"
    rows = table["row"].to_list()
    return [Finding("label_suspect", "info", len(table), note, advice, examples, rows=rows)]
