"""What ``fulgurite check`` found as a page, with the examples shown."""

import base64
import io
from html import escape
from typing import Any

import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import SHOWN, Example, Finding

COLUMNS = 10
"""Columns of a row that are shown beside those that a finding is about."""
LONGEST = 300
"""Characters of a cell."""
SIDE = 96
"""Pixels of an image's longer side on the page."""
STYLE = """
:root { color-scheme: light dark; --line: #d8dbe0; --soft: #f5f6f8; --quiet: #5b6472;
  --high: #c62828; --warning: #a15c00; --info: #1666b0; --back: #fff; --text: #1b1f24; }
@media (prefers-color-scheme: dark) { :root { --line: #363c45; --soft: #20252c; --quiet: #9aa4b2;
  --high: #ff7b72; --warning: #e3b341; --info: #79b8ff; --back: #15181d; --text: #e6e8eb; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--back); color: var(--text); }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
section { border: 1px solid var(--line); border-left: 5px solid var(--colour); border-radius: 6px;
  padding: .75rem 1rem; margin: 1rem 0; }
h2 { font-size: 1rem; margin: 0; }
h2 span { color: var(--colour); margin-right: .5rem; }
p { margin: .4rem 0; }
code { background: var(--soft); padding: .1rem .35rem; border-radius: 4px; }
.high { --colour: var(--high); } .warning { --colour: var(--warning); }
.info { --colour: var(--info); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: left;
  vertical-align: top; max-width: 24rem; overflow-wrap: break-word; }
th { background: var(--soft); font-weight: 600; }
tr.gap td { border: none; height: .4rem; padding: 0; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; font-size: 12px; }
figure img { image-rendering: pixelated; display: block; border: 1px solid var(--line); }
.quiet { color: var(--quiet); }
"""


def page_of(title: str, findings: list[Finding], audited: Audited) -> str:
    """Return a page of HTML that needs no other file.

    Args:
        title: one line.
        findings: the most severe first.
        audited: the rows that they are about.
    """
    told = "\n".join(_section(finding, audited) for finding in findings)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>"
        f"<h1>{escape(title)}</h1>\n"
        f'<p class="quiet">Rows count from 1.</p>\n'
        f"{told or '<p>Nothing was found.</p>'}\n</body></html>\n"
    )


def _section(finding: Finding, audited: Audited) -> str:
    examples = finding.examples[:SHOWN]
    pictures = "".join(_pictures(each, audited) for each in examples)
    rows = _table(finding, examples, audited)
    stop = "" if finding.note.endswith("?") else "."
    return (
        f'<section class="{finding.severity}"><h2><span>{finding.severity}</span>'
        f"{escape(finding.kind)}</h2>\n<p>{escape(finding.note)}{stop}</p>\n"
        f"<p>Mend: <code>{escape(finding.advice)}</code></p>\n{pictures}{rows}</section>"
    )


def _pictures(example: Example, audited: Audited) -> str:
    if audited.records.images is None:
        return ""
    rows = [row for row in (example.row, example.other) if row is not None]
    return "".join(_picture(row, audited) for row in rows)


def _picture(row: int, audited: Audited) -> str:
    label = audited.records.frame[audited.target[0]][row]
    caption = f"row {row + 1}, {audited.part_of(row) or 'unused'}, {_shown(label)}"
    return (
        f'<figure><img alt="{escape(caption)}" src="{_data_uri(row, audited)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _data_uri(row: int, audited: Audited) -> str:
    from PIL import Image

    assert audited.records.images is not None
    pixels = audited.records.images[row].permute(1, 2, 0).numpy()
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    scale = SIDE / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BILINEAR
    buffer = io.BytesIO()
    image.resize(size, small).save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _table(finding: Finding, examples: list[Example], audited: Audited) -> str:
    """Return the rows of the examples, each above the one that it is compared with."""
    with_rows = [each for each in examples if each.row is not None]
    if not with_rows:
        listed = [f"<li>{escape(_shown(each.value))}</li>" for each in examples]
        return f"<ul>{''.join(listed)}</ul>" if listed else ""
    columns = _columns(finding, examples, audited)
    values = {each.row: each for each in with_rows}
    lines = []
    for example in with_rows:
        lines.append(_line(example.row, columns, audited, values.get(example.row)))
        if example.other is not None:
            lines.append(_line(example.other, columns, audited, None))
            lines.append('<tr class="gap"><td></td></tr>')
    head = "".join(f"<th>{escape(name)}</th>" for name in ["row", "part", *columns])
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(lines)}</table></div>'


def _columns(finding: Finding, examples: list[Example], audited: Audited) -> list[str]:
    """Return the columns to show: those that it is about, the target, and some others."""
    frame: pl.DataFrame = audited.records.frame
    about = [*finding.columns, *(each.column for each in examples if each.column)]
    names = dict.fromkeys([*about, *audited.target, *audited.seen, *frame.columns])
    return [name for name in names if name in frame.columns][: COLUMNS + len(finding.columns)]


def _line(row: int | None, columns: list[str], audited: Audited, example: Example | None) -> str:
    assert row is not None
    cells = [str(row + 1), audited.part_of(row) or "unused"]
    for name in columns:
        told = example is not None and example.column == name and example.value is not None
        value = example.value if told and example else audited.records.frame[name][row]
        cells.append(_shown(value))
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
