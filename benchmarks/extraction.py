"""Speed of reading: articles of 2,500 characters a second on one core, beside spaCy's tokenizer on the same texts. Called by run.py.

Two kinds of text: `news` are the articles of the development set, brought to 2,500 characters each, as events stand in the news; `dense` are
the sample articles, in which nearly every sentence tells of an event. spaCy is asked in a process of its own: SPACY_PYTHON names an interpreter
that has it (default: this one); without it the line says so.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
LENGTH = 2500
ROUNDS = 5

SPACY = """
import json, sys, time
import spacy
texts = json.load(open(sys.argv[1], encoding='utf-8'))
nlp = spacy.blank('en')
for text in texts[:20]:
    nlp(text)
best = 0.0
for _ in range(3):
    start = time.process_time()
    for text in texts:
        nlp(text)
    best = max(best, len(texts) / (time.process_time() - start))
print(round(best))
"""


def news() -> list[tuple[str, str]]:
    """(text, published) of articles of the development set, each brought to 2,500 characters with the next ones."""
    lines = [json.loads(line) for line in (TOP / "raw" / "gold" / "development.jsonl").read_text("utf-8").splitlines()]
    out = []
    for i in range(300):
        text, at = "", i * 7
        while len(text) < LENGTH:
            text += lines[at % len(lines)]["text"][(i * 31) % 200 if i >= len(lines) else 0 :] + "\n\n"
            at += 1
        out.append((text[:LENGTH], lines[(i * 7) % len(lines)]["published"]))
    return out


def dense(folder: Path) -> list[tuple[str, str]]:
    """(text, published) of articles made of the sample's stored texts in `folder`."""
    texts = [p.read_text("utf-8") for p in sorted(folder.glob("*.txt"))]
    out = []
    for i in range(300):
        text = ""
        while len(text) < LENGTH:
            text += texts[(i * 7 + len(text)) % len(texts)] + "\n\n"
        out.append((text[:LENGTH], "2026-06-10"))
    return out


def reading(root: Path, folder: Path, pair: Callable[..., Any]) -> None:
    """Rules on both kinds of text, spaCy's tokenizer on the news, the first draft of one article."""
    from eventcoder.event import Document
    from eventcoder.extraction.engines import open_engine
    from eventcoder.extraction.protocol import Text
    from eventcoder.identity import digest
    from eventcoder.project import open_project
    from eventcoder.review import kit_of

    project = open_project(root)
    engine = open_engine("rules", kit_of(project), project)
    kinds = {"news": news(), "dense": dense(root / "raw" / "documents")}
    for name, articles in kinds.items():
        texts = []
        for text, published in articles:
            sha = digest(text.encode())
            texts.append(Text(Document(id=sha[:16], sha256=sha, length=len(text), published=published, language="en"), text))
        list(engine.read(texts[:20]))
        rates = []
        for _ in range(ROUNDS):
            start = time.process_time()
            drafts = sum(len(e.drafts) for e in engine.read(texts))
            rates.append(len(texts) / (time.process_time() - start))
        rates.sort()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{'extract, ' + name:<22} {rates[len(rates) // 2]:7.0f} articles/s on one core ({rates[0]:.0f} to {rates[-1]:.0f}; "
            f"{drafts / len(texts):.1f} drafts each), peak {peak} MB",
            flush=True,
        )
    held = folder / "texts.json"
    held.write_text(json.dumps([t for t, _ in kinds["news"]]), "utf-8")
    done = subprocess.run([os.environ.get("SPACY_PYTHON", sys.executable), "-c", SPACY, str(held)], capture_output=True, text=True, check=False)
    absent = "not here: install spacy, or name an interpreter in SPACY_PYTHON"
    told = f"{int(done.stdout):7d} articles/s on one core" if done.returncode == 0 else absent
    print(f"{'spaCy tokenizer, news':<22} {told}", flush=True)
    document = next((root / "raw" / "documents").glob("*.txt")).stem
    command = [sys.executable, "-c", "from eventcoder.cli import main; main()", "extract", document, "--json"]
    pair("extract, one article", lambda _: command, lambda _: [sys.executable, "-c", "import pydantic, typer"], root)
