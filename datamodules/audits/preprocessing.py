"""Signs that columns were scaled or filled with what held-out rows tell too."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding

FEWEST = 30
EXACT = 1e-5
"""How far from 0 and 1 a mean and a deviation may be, as numbers written with few digits are."""


def preprocessing(audited: Audited) -> list[Finding]:
    """Find columns that are standardised, or filled with their mean, over the rows of all parts."""
    if not audited.is_table or len(audited.records) < FEWEST or not len(audited.split.test):
        return []
    frame = audited.records.frame
    floats = [name for name in audited.inputs if frame[name].dtype.is_float()]
    standard = [name for name in floats if _is_standard(_known(frame[name]))]
    filled = [name for name in floats if name not in standard and _is_filled(_known(frame[name]))]
    findings = []
    if standard:
        note = f"{_listed(standard)}: scaled to mean 0 and one deviation over all rows, test rows "
        findings.append(_finding(audited, f"{note}among them", standard))
    if filled:
        note = f"{_listed(filled)}: gaps seem to be filled with the mean of all rows, test rows "
        findings.append(_finding(audited, f"{note}among them", filled))
    return findings


def _finding(audited: Audited, note: str, columns: list[str]) -> Finding:
    advice = (
        "take the source as it was measured: data.scaling and data.imputation are fitted on "
        "training rows alone"
    )
    examples = [audited.example(audited.split.test[0], name) for name in columns[:3]]
    return Finding("preprocessing", "warning", len(columns), note, advice, examples, columns)


def _known(column: pl.Series) -> NDArray[np.float64]:
    values = column.drop_nulls().to_numpy()
    known: NDArray[np.float64] = values[np.isfinite(values)]
    return known


def _is_standard(values: NDArray[np.float64]) -> bool:
    """Tell whether numbers have mean 0 and deviation 1, or are of length 1, exactly."""
    if len(values) < FEWEST or not (spread := float(values.std())):
        return False
    if abs(float(values.mean())) > EXACT * spread:
        return False
    lengths = (spread, float(values.std(ddof=1)), spread * len(values) ** 0.5)
    return any(abs(length - 1) < EXACT for length in lengths)


def _is_filled(values: NDArray[np.float64]) -> bool:
    """Tell whether one number stands there repeatedly, and is the mean of the others."""
    if len(values) < FEWEST:
        return False
    mean, spread = float(values.mean()), float(values.std())
    same = np.abs(values - mean) < 1e-9 * max(abs(mean), spread)
    count = int(same.sum())
    if count < 3 or count > 0.9 * len(values) or not spread:
        return False
    # a mean that is a round number, or the middle of a few values, is one by chance
    written = f"{values[same][0]:.12g}"
    return len(written.replace("-", "").replace(".", "")) >= 8


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(f"'{name}'" for name in names[:5]) + more
