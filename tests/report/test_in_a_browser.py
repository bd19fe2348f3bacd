"""The page in headless Chromium with the network cut: what a reader sees, with a mouse, with the keyboard, on a phone, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from eventcoder.reportpage import Subject, report_page
from tests.report.browser import CHROMIUM, Browser
from tests.report.invented import FIRST, read, several

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
# lightness of every text against the nearest ground that is painted behind it, by the formula of WCAG 2
CONTRAST = """
(() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(v => v / 255)
      .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const painted = e => getComputedStyle(e).backgroundColor;
  const ground = e => { while (e && /, 0\\)$/.test(painted(e))) e = e.parentElement; return e ? painted(e) : 'rgb(255, 255, 255)'; };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || ['STYLE', 'title'].includes(e.tagName)) continue;
    const style = getComputedStyle(e), inside = e.closest('svg');
    const [a, b] = [light(inside ? style.fill : style.color), light(ground(inside ? inside.parentElement : e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push([e.tagName, walk.currentNode.data.trim().slice(0, 40), ratio]);
  }
  return poor;
})()
"""
SEEN = "[...document.querySelectorAll('figure svg[role]')].filter(s => s.getBoundingClientRect().width > 0).map(s => s.getAttribute('class'))"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    coverage = read(("Iran", None, FIRST, FIRST + timedelta(days=200)), ("Chile", "Santiago", FIRST, FIRST + timedelta(days=90)))
    path.write_text(report_page(Subject("Weir Valley events", "2026.11.0", "Cite me."), several(90), coverage=coverage), "utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as started:
        yield started


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    browser.open(page)
    return browser


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(opened: Browser, page: Path) -> None:
    opened.value("document.fonts.ready.then(() => 1)")
    assert opened.asked == [page.as_uri()]
    assert opened.said == []


def test_charts_are_drawn(opened: Browser) -> None:
    assert sorted(opened.value(SEEN)) == ["map", "wide", "wide", "wide"]
    bars = (
        "[...document.querySelectorAll('svg.wide[aria-label*=\"by type\"] path:has(title)')].filter(p => p.getBoundingClientRect().height > 0).length"
    )
    assert opened.value(bars) >= 30
    dots = "[...document.querySelectorAll('svg.map path:has(title)')].filter(p => p.getBoundingClientRect().width > 2).length"
    assert opened.value(dots) >= 20
    outside = "[...document.querySelectorAll('svg.wide text')].filter(t => t.getBoundingClientRect().left < 0).length"
    assert opened.value(outside) == 0


def test_no_script_may_run_in_it(opened: Browser) -> None:
    opened.value("document.body.appendChild(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'})), 1")
    assert opened.value("window.ran") is None
    opened.value("fetch('https://example.org/').catch(() => 0), 1")
    assert all(url.startswith("file:") for url in opened.asked)


def test_text_can_be_read(opened: Browser) -> None:
    assert opened.value(CONTRAST) == []


def test_the_keyboard_reaches_every_part(opened: Browser) -> None:
    opened.press("Tab", 9)
    assert opened.value("document.activeElement.className") == "skip"
    assert opened.value("document.activeElement.getBoundingClientRect().left") >= 0
    opened.press("Enter", 13)
    assert opened.value("document.activeElement.id") == "content"
    reached = []
    for _ in range(60):
        opened.press("Tab", 9)
        reached.append(opened.value("document.activeElement.tagName"))
        if reached[-1] == "BODY":
            break
        if reached[-1] == "SUMMARY":
            opened.press("Enter", 13)
    assert reached.count("SUMMARY") == opened.value("document.querySelectorAll('summary').length")
    assert reached.count("A") >= 6
    assert opened.value("[...document.querySelectorAll('details')].every(d => d.open)")
    assert reached.count("DIV") == opened.value("document.querySelectorAll('.scroll').length")


def test_on_a_phone_nothing_sticks_out(browser: Browser, page: Path) -> None:
    browser.open(page, width=400)
    assert browser.value("document.documentElement.scrollWidth") <= 400
    assert sorted(browser.value(SEEN)) == ["map", "narrow", "narrow", "narrow"]
    scaled = "parseFloat(getComputedStyle(t).fontSize) * Math.hypot(t.getScreenCTM().a, t.getScreenCTM().b)"
    sizes = f"[...document.querySelectorAll('svg.narrow text')].map(t => {scaled})"
    assert min(browser.value(sizes)) >= 10


def test_on_paper_all_is_open(opened: Browser) -> None:
    opened.call("Emulation.setEmulatedMedia", media="print")
    hidden = "[...document.querySelectorAll('details table')].filter(t => t.checkVisibility() && t.getBoundingClientRect().height > 20).length"
    assert opened.value(hidden) == opened.value("document.querySelectorAll('details table').length") > 3
    opened.call("Emulation.setEmulatedMedia", media="")
    printed = opened.pdf()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") + printed.count(b"/Type /Page/") >= 4
