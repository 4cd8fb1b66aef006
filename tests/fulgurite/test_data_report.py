"""What was done to a run's data."""

import json
from types import SimpleNamespace

import pandera.polars
import polars as pl

from datamodules.cleaning.conflicts import Conflicts
from datamodules.cleaning.duplicates import Duplicates
from datamodules.tabular import TabularDataModule
from fulgurite.data_report import write_data_report


def test_counts_contract_and_tables_are_kept(people, table_of_people, tmp_path):
    frame = pl.concat(
        [
            table_of_people,
            table_of_people[:5],
            table_of_people[7:8].with_columns(buys=pl.lit("maybe")),
        ]
    )
    frame.write_csv("people.csv")
    data = TabularDataModule("people.csv", target="buys", cleaning=[Duplicates(), Conflicts()])
    data.setup("fit")
    write_data_report(tmp_path, data)
    told = json.loads((tmp_path / "data.json").read_text())
    assert sum(told["rows"].values()) == 120 - 1  # a conflict takes both of its rows
    assert [(each["step"], each["found"], each["left_out"]) for each in told["cleaning"]] == [
        ("Duplicates", 5, 5),
        ("Conflicts", 2, 2),
    ]
    assert told["cleaning"][0]["note"] in told["notes"]
    assert pl.read_csv(tmp_path / "cleaning" / "Conflicts.csv")["row"].to_list() == [7, 125]
    schema = pandera.polars.DataFrameSchema.from_yaml(str(tmp_path / "schema.yaml"))
    assert set(schema.columns) == set(frame.columns)


def test_data_of_another_kind_have_no_report(tmp_path):
    write_data_report(tmp_path, SimpleNamespace())
    assert not list(tmp_path.iterdir())
