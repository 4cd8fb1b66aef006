"""Which part rows have for a model that is trained already; none that it has seen is measured."""

import numpy as np

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.split import NOWHERE, TRAIN, VAL, Rows, Split
from datamodules.trained import Trained


def parts_again(
    trained: Trained, records: Records, rows: Rows, fingerprint: str
) -> tuple[Split, list[str]]:
    """Return the parts of rows, and what is worth telling.

    Rows of the same data keep theirs. Of other data, those that training has seen keep theirs too,
    wherever they stand now, and all others are held out.

    Args:
        trained: what training fixed.
        records: every row of the source.
        rows: (M,) the numbers of the usable ones.
        fingerprint: of the source.

    Raises:
        UserError: a few of the rows were trained on, or all of them.
    """
    if trained.data == fingerprint:
        return trained.split, []
    warning = (
        f"WARNING: not the data of the training (fingerprint {fingerprint}, trained on "
        f"{trained.data})"
    )
    nowhere = rows[:0]
    known = trained.seen.parts_of(records)
    if known is None:
        told = f"{warning}: all {len(rows)} rows are measured, and nobody can tell which of them "
        return Split(nowhere, nowhere, rows), [f"{told}were trained on"]
    parts = known[rows]
    seen = int((parts != NOWHERE).sum())
    if not seen:
        return Split(nowhere, nowhere, rows), [f"{warning}: all {len(rows)} rows are measured"]
    if seen == len(rows):
        raise UserError(
            f"'{records.origin}': all {seen} rows are ones that the model was trained on or chosen "
            f"by, so there are none to measure it on."
        )
    if 2 * seen < len(trained.seen.hashes):
        which = f"{seen} of its {len(rows)} rows"
        raise _seen_before(records.origin, which, rows[parts != NOWHERE], "a file without them")
    split = Split(rows[parts == TRAIN], rows[parts == VAL], rows[parts == NOWHERE])
    return split, [
        f"{warning}: {seen} rows that training has seen are not measured, the other "
        f"{len(split.test)} are held out"
    ]


def without_seen_rows(
    trained: Trained, records: Records, split: Split, fingerprint: str
) -> tuple[Split, list[str]]:
    """Return another split as far as a trained model can be measured on it.

    Validation rows that were trained on count as training rows.

    Args:
        trained: what training fixed.
        records: every row of the source.
        split: another one than that of the training.
        fingerprint: of the source.

    Returns:
        the split, and what is worth telling.

    Raises:
        UserError: rows of the test were trained on, or chose the best epoch.
    """
    if trained.data == fingerprint:
        known = trained.split._replace(test=split.test[:0]).parts(len(records))
    else:
        told = trained.seen.parts_of(records)
        if told is None:
            note = f"WARNING: nobody can tell which of the {len(split.test)} rows were trained on"
            return split, [note]
        known = told
    seen = split.test[known[split.test] != NOWHERE]
    if len(seen):
        which = f"{len(seen)} of the {len(split.test)} test rows of --data.split"
        mend = "the split of its own run (leave --data.split out), or train one with this split"
        raise _seen_before(records.origin, which, seen, mend)
    learnt = known[split.val] == TRAIN
    train = np.sort(np.concatenate([split.train, split.val[learnt]]))
    return Split(train, split.val[~learnt], split.test), []


def _seen_before(origin: str, which: str, seen: Rows, mend: str) -> UserError:
    named = ", ".join(str(row + 1) for row in seen[:3].tolist())
    return UserError(
        f"'{origin}': {which} are ones that the model was trained on or chosen by (row {named}"
        f"{', ...' if len(seen) > 3 else ''}), and figures on them would flatter it: measure it on "
        f"{mend}."
    )
