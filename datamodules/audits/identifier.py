"""Columns that name rows."""

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding


def identifier(audited: Audited) -> list[Finding]:
    """Find columns that have a value of its own for nearly every row, and name it.

    Words are names; whole numbers are where they count rows, or are spread evenly as drawn numbers
    are. Amounts that happen to differ are neither, and fractions and dates are never taken for
    identifiers.
    """
    if not audited.is_table:
        return []
    findings = []
    for name in audited.inputs:
        column = audited.records.frame[name]
        if name not in audited.records.row_names:
            continue
        given = name in audited.seen
        does = "is given to the model" if given else "is left out of the features by itself"
        note = f"'{name}' has a value of its own for nearly every row, and {does}"
        examples = [audited.example(row, name) for row in audited.split.train[:3]]
        findings.append(
            Finding(
                "identifier",
                "warning" if given else "info",
                column.n_unique(),
                note,
                f"data.leave_out: [{name}]",
                examples,
                [name],
            )
        )
    return findings
