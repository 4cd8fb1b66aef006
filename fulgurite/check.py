"""``fulgurite check``: look for what makes figures better than the model is."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning as L

from datamodules.audits.audit import ALL, CHEAP, CHEAPEST, MANY_ROWS, audit
from datamodules.audits.audited import Audited
from datamodules.audits.finding import SHOWN, Example, Finding
from datamodules.errors import UserError
from datamodules.files import write_json, written_whole
from datamodules.sources.broken_images import BrokenImagesError
from datamodules.sources.urls import shown
from datamodules.supervised import SupervisedDataModule
from fulgurite.experiment import Experiment
from fulgurite.report import Report, tell

FILE = "check.json"
COLOURS = {"high": "bold red", "warning": "yellow", "info": "cyan"}


@dataclass
class CheckReport(Report):
    """What was found.

    Attributes:
        findings: the most severe first.
    """

    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> str:
        """Return all of it as one JSON object."""
        return json.dumps({**self.facts, "findings": [each.as_plain() for each in self.findings]})

    def show_to_people(self, *, hints: bool) -> None:
        """Write each finding with its mend, and the next steps if there are hints."""
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        console = Console(highlight=False)
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for _ in range(3):
            table.add_column(overflow="fold")
        for finding in self.findings:
            seen = [each.sentence() for each in finding.examples[:SHOWN]]
            such = f"e.g. {'; '.join(filter(None, seen))}\n" if any(seen) else ""
            mend = Text.assemble(f"{finding.note}\n", (f"{such}-> {finding.advice}", "dim"))
            severity = Text(finding.severity, style=COLOURS[finding.severity])
            table.add_row(severity, finding.kind, mend)
        console.print()
        console.print(self.title, style="bold", markup=False, soft_wrap=True)
        console.print(table)
        if not hints:
            return
        for command, purpose in self.next_steps:
            console.print(f"  {command}   # {purpose}", style="dim", markup=False, soft_wrap=True)


class PreparedAudit:
    """Looks at rows as they are prepared, while they are in memory as they were read.

    Args:
        cheap: look for what takes no time alone.
    """

    def __init__(self, *, cheap: bool = False) -> None:
        self.cheap = cheap
        self.findings: list[Finding] = []
        self.audited: Audited | None = None

    def __call__(self, datamodule: L.LightningDataModule) -> None:
        """Prepare the rows and look at them."""
        if not isinstance(datamodule, SupervisedDataModule) or self.audited is not None:
            return
        audited = Audited.of(datamodule, datamodule.begin())
        if self.cheap:
            few = len(audited.records) < MANY_ROWS
            self.findings = audit(audited, CHEAP if few else CHEAPEST)
        else:
            self.findings, self.audited = audit(audited, ALL), audited


def check(experiment: Experiment, *, html: str | None = None, strict: bool = False) -> CheckReport:
    """Look for leaks, copies, bad labels and unlike parts in the data of a config.

    Args:
        experiment: whose data are looked at.
        html: the page to write.
        strict: fail where a finding is of severity high.

    Raises:
        UserError: the config or the data are wrong, or the page cannot be written.
    """
    page = _free(html)
    look = PreparedAudit()
    try:
        _, _, datamodule = experiment.build(fitting=False, prepare=look)
    except UserError as error:
        return _unreadable(error, strict)
    look(datamodule)
    if look.audited is None or not isinstance(datamodule, SupervisedDataModule):
        raise UserError(
            f"check looks at rows that Fulgurite reads and splits, but {type(datamodule).__name__} "
            f"does so itself: give 'data' one of the classes of `fulgurite list datamodules`."
        )
    facts = _facts(datamodule, look.audited)
    report = CheckReport(_title(facts, look.findings), facts, findings=look.findings)
    if page is not None:
        from fulgurite.check_page import page_of

        with written_whole(page) as partial:
            partial.write_text(page_of(report.title, look.findings, look.audited), encoding="utf-8")
        report.facts["html"] = str(page)
        report.next_steps = [(f"open {page}", "the examples of each finding")]
    elif look.findings:
        report.next_steps = [("fulgurite check ... --html check.html", "see the examples")]
    tell(datamodule.notes)
    high = any(finding.severity == "high" for finding in look.findings)
    report.status = int(strict and high)
    return report


def _unreadable(error: UserError, strict: bool) -> CheckReport:
    """Return what is wrong with images of which some cannot be read, which ends the look.

    Raises:
        UserError: something else is wrong.
    """
    cause = next((each for each in _causes(error) if isinstance(each, BrokenImagesError)), None)
    if cause is None:
        raise error
    examples = [Example(value=f"{name}: {why}") for name, why in cause.broken.items()]
    note = f"{str(cause).removesuffix(' Mend or remove them.')} Nothing else was looked at."
    advice = "mend or remove them"
    finding = Finding("broken_images", "high", len(cause.broken), note, advice, examples)
    return CheckReport("1 high", {}, findings=[finding], status=int(strict))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what is behind it, once each: causes may lead back to where they began."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def write_findings(run: Path, look: PreparedAudit) -> None:
    """Keep in a run's folder what was found before it, and tell it, a line each."""
    write_json(run / FILE, {"findings": [finding.as_plain() for finding in look.findings]})
    told = [f"{each.note}: {each.advice}" for each in look.findings if each.severity != "info"]
    tell(told, "check")


def _free(html: str | None) -> Path | None:
    if html is None:
        return None
    if not html:
        raise UserError("--html needs a file, such as --html check.html.")
    page = Path(html)
    if not page.parent.is_dir():
        raise UserError(f"--html {html}: there is no folder '{page.parent}'.")
    if page.is_dir():
        raise UserError(f"--html {html}: this is a folder; name a file, such as check.html.")
    return page


def _facts(datamodule: SupervisedDataModule, audited: Audited) -> dict[str, Any]:
    assert datamodule.trained is not None
    return {
        "source": shown(datamodule.source),
        "fingerprint": datamodule.trained.data,
        "target": audited.target,
        "rows": {name: len(part) for name, part in audited.split._asdict().items()},
    }


def _title(facts: dict[str, Any], findings: list[Finding]) -> str:
    rows = ", ".join(f"{count} {name}" for name, count in facts["rows"].items())
    counts: Counter[str] = Counter(finding.severity for finding in findings)
    found = ", ".join(f"{counts[each]} {each}" for each in COLOURS if counts[each])
    return f"{facts['source']} ({rows} rows): {found or 'nothing found'}"
