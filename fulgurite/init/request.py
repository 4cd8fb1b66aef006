"""What a user says of a source."""

from dataclasses import dataclass
from typing import cast

from datamodules.errors import UserError, unknown
from datamodules.targets.target import Task
from fulgurite.options import read_options

TASKS = ("classification", "regression", "multilabel")


@dataclass(frozen=True)
class Request:
    """The words after ``fulgurite init``.

    Attributes:
        source: where the rows are; several files are a list.
        target: the column to predict, or several.
        task: what the target is.
        separator: what stands between the labels of a cell.
        text: the column of text to learn from.
        group: the column whose rows stay in one part of the split.
        time: the column whose last rows are held out.
        query: what to ask a database.
        out: the config to write.
        force: whether a file that is there may be replaced.
    """

    source: str | list[str]
    target: str | list[str] | None = None
    task: Task | None = None
    separator: str | None = None
    text: str | None = None
    group: str | None = None
    time: str | None = None
    query: str | None = None
    out: str | None = None
    force: bool = False


def read_request(words: list[str]) -> Request:
    """Read the words after ``fulgurite init``.

    Raises:
        UserError: there is no source, or a flag is wrong.
    """
    sources, given = read_options("init", words)
    if not sources:
        raise UserError(
            "init needs a source: a file, a folder, a database or sample:NAME, such as "
            "`fulgurite init income.csv --target income`."
        )
    task = given.get("task")
    if task is not None and task not in TASKS:
        raise unknown("task", task, TASKS)
    if "group" in given and "time" in given:
        raise UserError(
            "--group and --time each say how rows are split: give one of them, the one that new "
            "rows will differ by."
        )
    target = [name.strip() for name in given["target"].split(",")] if "target" in given else []
    return Request(
        source=sources[0] if len(sources) == 1 else sources,
        target=target[0] if len(target) == 1 else target or None,
        task=cast(Task | None, task),
        separator=given.get("separator"),
        text=given.get("text"),
        group=given.get("group"),
        time=given.get("time"),
        query=given.get("query"),
        out=given.get("out"),
        force="force" in given,
    )
