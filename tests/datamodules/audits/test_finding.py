"""What was found, as a program is given it."""

import json
import math
from typing import Any

import numpy as np

from datamodules.audits.finding import KEPT, Example, Finding, Severity, by_severity


def finding(severity: Severity, **settings: Any) -> Finding:
    return Finding("overlap", severity, 1, "note", "advice", **settings)


def test_examples_hold_what_applies_as_plain_values():
    example = Example(row=3, column="x", value=np.float32(0.5), part="test")
    assert example.as_plain() == {"row": 3, "column": "x", "value": 0.5, "part": "test"}
    assert Example(value=math.nan).as_plain() == {"value": "nan"}


def test_a_finding_is_json_with_three_examples_and_not_every_row():
    many = finding("high", examples=[Example(row=row) for row in range(9)], rows=[5] * (KEPT + 1))
    plain = json.loads(json.dumps(many.as_plain()))
    assert [example["row"] for example in plain["examples"]] == [0, 1, 2]
    assert len(plain["rows"]) == KEPT
    assert set(plain) >= {"kind", "severity", "count", "examples", "advice"}


def test_the_most_severe_come_first_and_others_stay_in_their_order():
    found = [finding("info"), finding("high", columns=["a"]), finding("warning"), finding("high")]
    assert [each.severity for each in by_severity(found)] == ["high", "high", "warning", "info"]
    assert by_severity(found)[0].columns == ["a"]
