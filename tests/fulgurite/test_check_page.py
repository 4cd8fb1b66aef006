"""The page of what ``fulgurite check`` found."""

import base64
import io
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Example, Finding
from datamodules.image import ImageDataModule
from datamodules.records import Records
from datamodules.tabular import TabularDataModule
from fulgurite.check_page import page_of


@pytest.fixture
def people_audited(table_of_people: pl.DataFrame) -> Audited:
    records = Records(table_of_people, "people", target="buys")
    data = TabularDataModule("people", target="buys")
    data.prepare(records)
    return Audited.of(data, records)


def finding(examples: list[Example], **settings: Any) -> Finding:
    return Finding("overlap", "high", 2, "a note", "an advice", examples, **settings)


class Balanced(HTMLParser):
    """Tells whether each tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_rows_stand_in_a_table_each_above_the_one_it_is_like(people_audited):
    page = page_of("title", [finding([Example(3, other=7)])], people_audited)
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert page.index("<td>4</td>") < page.index("<td>8</td>")
    assert "<th>buys</th>" in page
    assert "src=" not in page
    assert "http" not in page


def test_what_data_say_cannot_break_the_page(people_audited):
    example = Example(3, column="city", value="<script>alert(1)</script>")
    page = page_of("<b>", [finding([example], columns=["city"])], people_audited)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page


def test_a_finding_without_rows_lists_its_values(people_audited):
    page = page_of("title", [finding([Example(value="cat (3 rows)")])], people_audited)
    assert "<li>cat (3 rows)</li>" in page
    assert "Nothing was found." in page_of("title", [], people_audited)


def test_images_are_shown_within_the_page():
    images = torch.from_numpy(
        np.random.default_rng(0).integers(0, 255, (40, 3, 12, 6), dtype=np.uint8)
    )
    frame = pl.DataFrame({"y": ["cat", "dog"] * 20})
    records = Records(frame, "rows", target="y", images=images)
    data = ImageDataModule("rows", target="y")
    data.prepare(records)
    page = page_of("title", [finding([Example(3, other=7)])], Audited.of(data, records))
    sources = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert len(sources) == 2
    picture = Image.open(io.BytesIO(base64.b64decode(sources[0])))
    assert picture.size == (48, 96)
    assert "row 4," in page
