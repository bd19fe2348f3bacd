"""Altair's charts as still SVG. Floor 5.

Both libraries are loaded here and nowhere else. They belong to the package: a release without its charts would be poorer in silence, so what is
missing stops the page and says how to mend the installation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventcoder.errors import EventcoderError
from eventcoder.reportpage.picture import quiet

if TYPE_CHECKING:
    import altair as alt

INK, FAINT, LINE = "#222222", "#595959", "#d9d9d9"  # 15.9, 7.0 on white; lines need no reading
LOOK: dict[str, Any] = {
    "font": "sans-serif",
    "background": "#ffffff",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK, "titleColor": INK, "gridColor": LINE,
        "domainColor": FAINT, "tickColor": FAINT, "labelLimit": 220, "titlePadding": 14,
    },
}  # fmt: skip


def altair() -> Any:
    """The module that charts are described with. Raises `EventcoderError` where the installation is not whole."""
    try:
        import altair as module
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise EventcoderError(
            f"report.html cannot be drawn: {error}.", "altair and vl-convert-python belong to eventcoder; install it again with its dependencies."
        ) from None
    return module


def drawn(chart: alt.TopLevelMixin, name: str, text: str, look: str, **data: list[dict[str, Any]]) -> str:
    """The chart as SVG for the page: `name` is unlike every other on it, `text` says what is seen, `look` is its class.

    Marks either say a text of ours or nothing (`aria=False`): what the library would say names days in the time zone of the machine.
    `data` are what the chart names by `NamedData`: put in at the end, because Altair copies and checks again and again what it holds.
    """
    import vl_convert

    spec = chart.to_dict()
    spec["datasets"] = data
    spec.pop("$schema", None)  # the converter takes the version that it carries
    return quiet(vl_convert.vegalite_to_svg(spec), name, text, look)
