"""docs/analysis.md: its code runs on the sample releases, and prints what stands below it."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pandas as pd
import pytest

TOP = Path(__file__).resolve().parents[2]
BLOCKS = re.compile(r"^```python\n(.*?)^```\n+(?:```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


def test_the_page_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TOP)
    page = (TOP / "docs" / "analysis.md").read_text("utf-8")
    found = BLOCKS.findall(page)
    assert len(found) == page.count("```python") >= 9
    names: dict[str, object] = {"__name__": "page"}
    for code, expected in found:
        said = io.StringIO()
        with pd.option_context("display.width", 200, "display.max_columns", 40), contextlib.redirect_stdout(said):
            exec(compile(code, "docs/analysis.md", "exec"), names)
        assert expected, f"nothing stands below:\n{code}"
        assert [line.rstrip() for line in said.getvalue().splitlines()] == [line.rstrip() for line in expected.splitlines()], code
