"""What was done to a run's data, kept in its folder."""

from pathlib import Path
from typing import Any

import yaml

from datamodules.cleaning.step import Cleaned
from datamodules.files import write_json, written_whole
from datamodules.sources.urls import shown
from datamodules.supervised import SupervisedDataModule

REPORT = "data.json"
SCHEMA = "schema.yaml"
CLEANING = "cleaning"


def write_data_report(run: Path, datamodule: Any) -> None:
    """Write what the rows are, how they were divided, and the contract that new rows are held to.

    ``data.json`` has the counts and what cleaning found, ``split.json`` (of many rows
    ``split.parquet``) the part of each row, ``schema.yaml`` is a schema of pandera's, and
    ``cleaning/`` has a table for each step that can tell more of the rows that it found; rows count
    from 0 there.

    Args:
        run: the folder.
        datamodule: set up.
    """
    if not isinstance(datamodule, SupervisedDataModule) or datamodule.trained is None:
        return
    trained, split = datamodule.trained, datamodule.trained.split
    told: dict[str, Any] = {
        "source": shown(datamodule.source),
        "fingerprint": trained.data,
        "target": trained.target,
        "rows": {name: len(part) for name, part in split._asdict().items()},
        "cleaning": [_as_plain(each) for each in datamodule.cleaned],
        "notes": datamodule.notes,
    }
    table = datamodule.split_table
    if table is not None:
        table.write(run)
        told["split"] = {"recipe": table.recipe, **table.about}
    write_json(run / REPORT, told)
    if trained.contract.columns:
        with written_whole(run / SCHEMA) as partial:
            text = yaml.safe_dump(trained.contract.as_plain(), sort_keys=False, allow_unicode=True)
            partial.write_text(text, encoding="utf-8")
    for cleaned in datamodule.cleaned:
        if cleaned.table is not None and len(cleaned.table):
            (run / CLEANING).mkdir(exist_ok=True)
            with written_whole(run / CLEANING / f"{cleaned.step}.csv") as partial:
                cleaned.table.write_csv(partial)


def _as_plain(cleaned: Cleaned) -> dict[str, Any]:
    return {
        "step": cleaned.step,
        "found": len(cleaned.rows),
        "left_out": len(cleaned.drop),
        "note": cleaned.note,
    }
