"""Named collections of texts."""

import polars as pl

from datamodules.records import Records
from datamodules.sources.packaged import rdataset


def reviews() -> Records:
    """Reviews of fine food, great or other, 4973 texts (modeldata)."""
    parts = ["training_data", "testing_data"]
    frame = pl.concat([rdataset("sample:reviews", "modeldata", part) for part in parts])
    # a copy would stand in training and test at once
    frame = frame.unique("review", keep="first", maintain_order=True).select("review", "score")
    return Records(frame, "sample:reviews", text="review", target="score")


def birds() -> Records:
    """Pilots' remarks on bird strikes, six phases of flight, 14 823 texts, hard (openintro)."""
    frame = rdataset("sample:birds", "openintro", "birds")
    frame = frame.select("remarks", "phase_of_flt").drop_nulls()
    # 70 and 10 rows among 14 903: too few for a held-out figure
    frame = frame.filter(~pl.col("phase_of_flt").is_in(["Taxi", "Parked"]))
    return Records(frame, "sample:birds", text="remarks", target="phase_of_flt")


def films() -> Records:
    """Genres of a film from its title and year, 9046 texts, multi-label (dslabs)."""
    frame = rdataset("sample:films", "dslabs", "movielens")
    frame = frame.unique("movieId", keep="first", maintain_order=True)
    frame = frame.drop_nulls("title").filter(pl.col("genres") != "(no genres listed)")
    # the year in MovieLens' own spelling: it tells remakes of one title apart
    year = pl.col("year").cast(pl.Int64).cast(pl.String)
    title = pl.format("{} ({})", "title", year).alias("title")
    frame = frame.select(title, "genres")
    return Records(frame, "sample:films", text="title", target="genres", separator="|")
