"""Rows that a model is not given, or not the whole of."""

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding, Severity
from datamodules.cleaning.usable import STEP
from datamodules.features.text import TextFeatures

MANY = 0.1


def unusable_rows(audited: Audited) -> list[Finding]:
    """Find rows that were left out since a needed value is missing."""
    findings = []
    for cleaned in audited.cleaned:
        if cleaned.step != STEP:
            continue
        share = len(cleaned.drop) / len(audited.records)
        severity: Severity = "warning" if share > MANY else "info"
        examples = [audited.example(row, audited.target[0]) for row in cleaned.drop[:3]]
        advice = "fill the gaps in the source, if they can be known"
        findings.append(
            Finding(
                "unusable_rows",
                severity,
                len(cleaned.drop),
                cleaned.note,
                advice,
                examples,
                rows=cleaned.drop.tolist(),
            )
        )
    return findings


def long_text(audited: Audited) -> list[Finding]:
    """Find training texts of which a model is given the beginning alone."""
    features = audited.features
    if not isinstance(features, TextFeatures) or not getattr(features, "cut", 0):
        return []
    share = features.cut / features.rows
    texts = audited.records.frame[features.text][audited.split.train]
    longest = texts.str.len_chars().fill_null(0).arg_sort(descending=True)[:3]
    rows = audited.split.train[longest.to_numpy()]
    note = (
        f"{features.cut} of {features.rows} training texts have more than {features.max_tokens} "
        f"tokens, of which a model is given the first"
    )
    severity: Severity = "warning" if share > MANY else "info"
    advice = f"data.max_tokens: {2 * features.max_tokens}"
    examples = [audited.example(row, features.text) for row in rows]
    return [Finding("long_text", severity, features.cut, note, advice, examples, [features.text])]
