"""Every supported format, every kind of bad input, and how a folder is walked."""

import json
import os
import zipfile
from datetime import date

import pytest

from eventcoder.documents import Article, read_articles

BODY = "Dozens of bakers marched through Alburia on Tuesday over the price of flour.\n\nPolice looked on and nobody was hurt."


def read(path, **defaults):
    return list(read_articles(path, defaults=defaults))


def article(path, **defaults):
    found = [item for item in read(path, **defaults) if isinstance(item, Article)]
    assert len(found) == 1
    return found[0]


def codes(path, **defaults):
    return [(p.code, p.severity) for p in read(path, **defaults) if not isinstance(p, Article)]


def put(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_dated_first_line_of_the_seed_form(tmp_path):
    found = article(put(tmp_path, "000_a.txt", f" date 2020-01-17 {BODY}\n"))
    assert (found.text, found.published, found.title) == (BODY, date(2020, 1, 17), None)
    assert found.source_name == "000_a.txt"


@pytest.mark.parametrize("sep", ["\n", "\n\n", "  "])
def test_date_may_stand_alone_on_the_first_line(tmp_path, sep):
    assert article(put(tmp_path, "a.txt", f" date 2020-01-17{sep}{BODY}")).text == BODY


def test_header_block(tmp_path):
    head = "Title: Bakers march in Alburia\nDate: 17 January 2020\nSource: Alburia Courier\nURL: https://courier.example/1\n"
    head += "Language: en-GB\nInvented: yes\nAuthor: N. N.\n"
    found = article(put(tmp_path, "a.txt", head + "Visibility: undisclosed\nLicence: CC0-1.0\n\n" + BODY))
    assert found.text == BODY
    assert (found.title, found.published, found.publisher) == ("Bakers march in Alburia", date(2020, 1, 17), "Alburia Courier")
    assert (found.url, found.language, found.invented) == ("https://courier.example/1", "en", True)
    assert (found.visibility, found.licence) == ("undisclosed", "CC0-1.0")


def test_a_first_line_with_a_colon_is_no_header(tmp_path):
    text = "Alburia: bakers march over flour\n\nDozens of bakers marched."
    assert article(put(tmp_path, "a.txt", text), published=date(2020, 1, 17)).text == text
    text = "Date: unknown to all of us,\nas the mayor said yesterday."
    assert article(put(tmp_path, "b.txt", text)).text == text


def test_bare_text_without_a_date_is_read_and_warned_of(tmp_path):
    path = put(tmp_path, "a.txt", BODY)
    assert codes(path) == [("document-no-date", "warning")]
    assert codes(path, published=date(2020, 1, 17)) == []
    assert article(path, published=date(2020, 1, 17)).published == date(2020, 1, 17)


MARKDOWN = """---
title: "Bakers march"
date: 2020-01-17
source: Alburia Courier
tags: [bread, protest]
authors:
  - N. N.
---

# Bakers march in Alburia

Dozens of **bakers** marched, the [Courier](https://courier.example/a_(b)) *said*. See ![map](m.png).

## Calm evening

> "We want flour," said one\\_of them.

- first demand: snake_case_stays
<script>alert("no")</script>
"""


def test_markdown(tmp_path):
    found = article(put(tmp_path, "a.md", MARKDOWN))
    assert found.text == (
        'Dozens of bakers marched, the Courier said. See map.\n\nCalm evening\n\n"We want flour," said one_of them.\n\nfirst demand: snake_case_stays'
    )
    assert (found.title, found.published, found.publisher) == ("Bakers march", date(2020, 1, 17), "Alburia Courier")


def test_markdown_heading_is_the_title_where_the_front_matter_has_none(tmp_path):
    found = article(put(tmp_path, "a.md", f"# Bakers march in Alburia\n\n{BODY}"))
    assert (found.title, found.text) == ("Bakers march in Alburia", BODY)


@pytest.mark.parametrize("front", ["title: a\n  nested: b", "title: a\ntitle: b", "just words"])
def test_front_matter_is_read_strictly(tmp_path, front):
    assert codes(put(tmp_path, "a.md", f"---\n{front}\n---\n{BODY}")) == [("document-format", "error")]


PARAGRAPH = "Several hundred bakers marched from the mill to the town hall of Alburia on Tuesday to protest against the price of flour. "
HTML = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bakers march | Alburia Courier</title>
<meta property="og:title" content="Bakers march over flour"><meta property="og:site_name" content="Alburia Courier">
<meta property="article:published_time" content="2020-01-17T18:30:00+01:00"><link rel="canonical" href="https://courier.example/bakers">
<script>var spy = "tracked-by-script";</script></head><body><nav>Home Sport Weather</nav>
<article><h1>Bakers march over flour</h1><p>{PARAGRAPH * 2}</p>
<p>Police looked on and nobody was hurt, the mayor’s office said in the evening.</p></article>
<div id="comments" class="comments"><h3>Comments</h3>
<div class="comment"><p>First! This commenter demands free bread for everybody in the whole town.</p></div></div>
<footer>Copyright 2014 Alburia Courier</footer></body></html>"""


def test_html_gives_the_article_and_never_scripts_or_comments(tmp_path):
    found = article(put(tmp_path, "a.html", HTML))
    assert "nobody was hurt, the mayor’s office" in found.text and "from the mill" in found.text
    assert "tracked-by-script" not in found.text and "commenter" not in found.text and "Weather" not in found.text
    assert (found.title, found.published, found.publisher) == ("Bakers march over flour", date(2020, 1, 17), "Alburia Courier")
    assert (found.url, found.language, found.extractor) == ("https://courier.example/bakers", "en", "trafilatura")
    assert found.extractor_version


def test_T2_a_page_without_a_date_gets_none_from_its_footer(tmp_path):
    page = HTML.replace('<meta property="article:published_time" content="2020-01-17T18:30:00+01:00">', "")
    path = put(tmp_path, "a.html", page)
    assert article(path).published is None
    assert codes(path) == [("document-no-date", "warning")]


def test_html_in_its_declared_charset(tmp_path):
    page = HTML.replace('charset="utf-8"', 'charset="windows-1251"').replace("nobody was hurt", "никто не пострадал").replace("’", "'")
    assert "никто не пострадал" in article(put(tmp_path, "a.html", page.encode("cp1251"))).text


RECORD = {
    "title": "Bakers march", "date": "2020-01-17T08:00:00Z", "source": {"id": None, "name": "Alburia Courier"}, "url": "https://c.example/1",
    "body": BODY,
}  # fmt: skip


@pytest.mark.parametrize("shape", [lambda r: r, lambda r: [r], lambda r: {"status": "ok", "articles": [r]}])
def test_json_object_list_and_wrapped_list(tmp_path, shape):
    found = article(put(tmp_path, "a.json", json.dumps(shape(RECORD))))
    assert (found.text, found.published, found.publisher) == (BODY, date(2020, 1, 17), "Alburia Courier")


def test_json_lines_go_on_after_bad_ones(tmp_path):
    lines = [json.dumps(RECORD), "", '{"body": ', '"text"', json.dumps({**RECORD, "body": ""}), json.dumps({**RECORD, "body": "Other words."})]
    items = read(put(tmp_path, "a.jsonl", "\n".join(lines)))
    assert [i.source_name for i in items if isinstance(i, Article)] == ["a.jsonl#1", "a.jsonl#6"]
    assert [(i.code, i.where.rpartition(", ")[2]) for i in items if not isinstance(i, Article)] == [
        ("document-format", "line 3"), ("document-format", "line 4"), ("document-format", "line 5"),
    ]  # fmt: skip


def test_mojibake_of_single_records(tmp_path):
    texts = ["The mayorâ€™s office said nothing.", "شهردار چیزی نگفت.", "Bogotá: the mayorâ€™s office."]
    items = read(put(tmp_path, "a.jsonl", "\n".join(json.dumps({"text": t, "date": "2020-01-17"}) for t in texts)))
    articles = [i for i in items if isinstance(i, Article)]
    assert [a.text for a in articles] == ["The mayor’s office said nothing.", texts[1], texts[2]]
    assert [len(a.repairs) for a in articles] == [1, 0, 0]
    assert [(p.code, p.where.rpartition(", ")[2]) for p in items if not isinstance(p, Article)] == [("document-encoding", "line 3")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_T29_csv_of_articles_with_newlines_and_quotes(tmp_path, delimiter):
    quoted = BODY.replace("flour", 'flour, "the white gold"; | \t')
    cells = ["Full_Text", "Published", "Headline", "Outlet"], [quoted, "2020-01-17", "Bakers", "Courier"], ["Second text.", "2020-01-18", "", "C"]
    text = "\r\n".join(delimiter.join('"' + c.replace('"', '""') + '"' for c in row) for row in cells)
    items = read(put(tmp_path, "a.csv", "\ufeff" + text))
    assert [(i.text, i.published, i.title, i.source_name) for i in items] == [
        (quoted, date(2020, 1, 17), "Bakers", "a.csv#2"), ("Second text.", date(2020, 1, 18), None, "a.csv#5"),
    ]  # fmt: skip


def test_csv_rows_that_do_not_fit_are_refused_alone(tmp_path):
    path = put(tmp_path, "a.csv", "text,date\nOne.,2020-01-17\nTwo.,2020-01-17,extra\nThree.,2020-13-01\nFour")
    assert [i.text for i in read(path) if isinstance(i, Article)] == ["One."]
    assert [(p.code, p.where.rpartition(", ")[2]) for p in read(path) if not isinstance(p, Article)] == [
        ("document-format", "line 3"), ("document-bad-date", "line 4"), ("document-format", "line 5"),
    ]  # fmt: skip
    assert codes(put(tmp_path, "b.csv", "name,date\na,2020-01-17")) == [("document-format", "error")]
    assert codes(put(tmp_path, "c.csv", 'text,date\n"never closed,2020-01-17\n')) == [("document-format", "error")]


def test_sidecar_stands_over_the_file(tmp_path):
    put(tmp_path, "a.txt", f"Date: 2020-13-45\nSource: Wrong Paper\n\n{BODY}")
    put(tmp_path, "a.txt.json", json.dumps({"published": "2020-01-17", "publisher": "Alburia Courier", "visibility": "undisclosed"}))
    put(tmp_path, "b.txt", BODY)
    put(tmp_path, "b.toml", 'published = 2020-01-18\nvisiblity = "undisclosed"\n')
    items = read(tmp_path, visibility="public")
    found = [i for i in items if isinstance(i, Article)]
    assert [(a.source_name, a.publisher, a.published, a.visibility) for a in found] == [
        ("a.txt", "Alburia Courier", date(2020, 1, 17), "undisclosed"), ("b.txt", None, date(2020, 1, 18), "public"),
    ]  # fmt: skip
    warned = [i for i in items if not isinstance(i, Article)]
    assert [p.code for p in warned] == ["document-unknown-key"]
    assert "'visibility'" in warned[0].message


@pytest.mark.parametrize("sidecar", ["{", "[]", '{"visibility": "secret"}', '{"sha256": "00"}', '{"published": "03/04/2020"}'])
def test_an_article_is_never_read_without_its_broken_sidecar(tmp_path, sidecar):
    put(tmp_path, "a.txt", f"Date: 2020-01-17\n\n{BODY}")
    put(tmp_path, "a.json", sidecar)
    items = read(tmp_path)
    assert len(items) == 1 and items[0].severity == "error"


def test_visibility_undisclosed_as_default_stands_against_any_file(tmp_path):
    path = put(tmp_path, "a.txt", f"Date: 2020-01-17\nVisibility: public\n\n{BODY}")
    assert article(path, visibility="undisclosed").visibility == "undisclosed"
    assert article(path).visibility == "public"


def test_a_default_day_replaces_one_that_cannot_be_read(tmp_path):
    path = put(tmp_path, "a.txt", f" date 2020-02-30 {BODY}")
    assert codes(path) == [("document-bad-date", "error")]
    assert codes(path, published=date(2020, 2, 28)) == [("document-bad-date", "warning")]
    assert article(path, published=date(2020, 2, 28)).published == date(2020, 2, 28)


def docx():
    import io

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "document-empty"),
        ("a.txt", b" \n\t\n", "document-empty"),
        ("a.txt", b" date 2020-01-17 \n", "document-empty"),
        ("a.txt", b"Bakers\x00 marched", "document-binary"),
        ("a.txt", b"%PDF-1.7 bakers", "document-binary"),
        ("a.txt", docx(), "document-binary"),
        ("a.docx", docx(), "document-format"),
        ("a.pdf", b"%PDF-1.7", "document-format"),
        ("a.txt", b"bakers " * 1_600_000, "document-too-large"),
        ("a.txt", b"\xff\xfeB\x00a\x00k\x00\xd8", "document-encoding"),
        ("a.html", b"<html><body><script>x()</script></body></html>", "document-empty"),
        ("a.json", b"[]", "document-empty"),
        ("a.json", b"{", "document-format"),
        ("a.json", b"[" * 100_000, "document-format"),
        ("a.csv", b"text,date\n", "document-empty"),
        ("a.csv", b"text,text\na,b\n", "document-format"),
    ],
)  # fmt: skip
def test_bad_input_is_one_problem_and_the_others_go_on(tmp_path, name, content, code):
    put(tmp_path, name, content)
    put(tmp_path, "z.txt", f" date 2020-01-17 {BODY}")
    items = read(tmp_path)
    assert [i.code for i in items if not isinstance(i, Article)] == [code]
    assert [i.source_name for i in items if isinstance(i, Article)] == ["z.txt"]
    assert items[0].message.startswith(name)


def test_missing_file_and_folder_without_articles(tmp_path):
    assert codes(tmp_path / "nothing.txt") == [("document-unreadable", "error")]
    assert codes(tmp_path) == [("document-no-files", "error")]
    put(tmp_path, "photo.jpg", b"\xff\xd8\xff")
    assert codes(tmp_path) == [("document-left-out", "info"), ("document-no-files", "error")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path):
    put(tmp_path, "a.txt", BODY).chmod(0)
    assert codes(tmp_path / "a.txt") == [("document-unreadable", "error")]


def test_folder_is_walked_sorted_and_links_out_of_it_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    (inside / "b").mkdir(parents=True)
    outside.mkdir()
    put(outside, "secret.txt", f" date 2020-01-17 {BODY}")
    for name in ("c.txt", "a.txt", "b/x.txt", ".hidden.txt", "_draft.txt", "README.md"):
        put(inside, name, f" date 2020-01-17 Text of {name}")
    (inside / "link.txt").symlink_to(outside / "secret.txt")
    (inside / "linked").symlink_to(outside)
    items = read(inside)
    assert [i.source_name for i in items if isinstance(i, Article)] == ["a.txt", "c.txt", "b/x.txt"]
    assert codes(inside) == [("document-link-outside", "warning")] * 2
