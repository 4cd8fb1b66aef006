"""Named tables."""

from typing import Any

import polars as pl

from datamodules.records import Records
from datamodules.sources.packaged import rdataset


def breast_cancer() -> Records:
    """Malignant or benign from cell nuclei, 569 rows, 30 numbers (scikit-learn)."""
    from sklearn.datasets import load_breast_cancer

    return _classes("breast_cancer", load_breast_cancer(), "diagnosis")


def wine() -> Records:
    """One of three cultivars from a wine's chemistry, 178 rows, 13 numbers (scikit-learn)."""
    from sklearn.datasets import load_wine

    return _classes("wine", load_wine(), "cultivar")


def diabetes() -> Records:
    """Progression of diabetes after a year, 442 rows, 10 numbers, regression (scikit-learn)."""
    from sklearn.datasets import load_diabetes

    # as measured: scikit-learn's scaling was fitted on all rows, test rows too
    data = load_diabetes(scaled=False)
    frame = _numbers(data).with_columns(pl.Series("progression", data.target))
    return Records(frame, "sample:diabetes", target="progression")


def credit() -> Records:
    """Good or bad credit, 4454 rows, categories and missing values (modeldata)."""
    frame = rdataset("sample:credit", "modeldata", "credit_data")
    return Records(frame, "sample:credit", target="Status")


def churn() -> Records:
    """Telephone customers who leave, 7043 rows, mostly categories (modeldata)."""
    frame = rdataset("sample:churn", "modeldata", "wa_churn")
    return Records(frame, "sample:churn", target="churn")


def crashes() -> Records:
    """Front-seat deaths in car crashes, 26 217 rows, 4.5 % dead (DAAG)."""
    frame = rdataset("sample:crashes", "DAAG", "nassCDS")
    # injSeverity tells a death outright; weight is the survey's, which drew crashes by how badly
    # people were hurt, so nobody knows it for a new crash; caseid numbers the cases
    leave_out = ["injSeverity", "weight", "caseid"]
    return Records(frame, "sample:crashes", target="dead", leave_out=leave_out)


def diamonds() -> Records:
    """Price of a diamond in dollars, 53 940 rows, regression (ggplot2)."""
    frame = rdataset("sample:diamonds", "ggplot2", "diamonds")
    return Records(frame, "sample:diamonds", target="price")


def hotel_rates() -> Records:
    """Average price of a hotel room, 15 402 bookings, many categories, regression (modeldata)."""
    frame = rdataset("sample:hotel_rates", "modeldata", "hotel_rates")
    frame = frame.with_columns(pl.col("arrival_date").str.to_date("%Y-%m-%d"))
    return Records(frame, "sample:hotel_rates", target="avg_price_per_room")


def flights() -> Records:
    """Arrivals over 15 minutes late, 327 346 New York flights of 2013 (nycflights13)."""
    # what stands in the timetable; actual times leak, and a plane (tailnum) is swapped on the day
    planned = ["month", "day", "sched_dep_time", "sched_arr_time", "carrier", "flight"]
    planned += ["origin", "dest", "distance"]
    late = pl.when(pl.col("arr_delay") > 15).then(pl.lit("yes")).otherwise(pl.lit("no"))
    frame = rdataset("sample:flights", "nycflights13", "flights")
    # a flight that was cancelled or diverted has no delay to learn from
    frame = frame.drop_nulls("arr_delay").select(*planned, late.alias("late"))
    return Records(frame, "sample:flights", target="late")


def _numbers(data: Any) -> pl.DataFrame:
    names = [str(name) for name in data.feature_names]
    return pl.DataFrame({name: data.data[:, i] for i, name in enumerate(names)})


def _classes(name: str, data: Any, target: str) -> Records:
    labels = [str(data.target_names[label]) for label in data.target]
    frame = _numbers(data).with_columns(pl.Series(target, labels))
    return Records(frame, f"sample:{name}", target=target)
