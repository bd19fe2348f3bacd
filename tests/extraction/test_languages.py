"""Languages that the engine does not read: recognised, kept letter for letter, named, and left to a coder or to `llm`."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.conftest import Command

ARTICLES = {
    "fa": "روز یکشنبه حدود ۲۰۰ معلم در برابر اداره آموزش و پرورش شیراز تجمع کردند و خواستار پرداخت حقوق عقب‌افتادهٔ خود شدند. پلیس دخالتی نکرد.",
    "ar": "تجمع مئات العمال أمام مبنى المحافظة في البصرة يوم الأحد للمطالبة بصرف رواتبهم المتأخرة. وقالت الشرطة إن التظاهرة انتهت بسلام.",
    "es": "Unos 200 maestros marcharon el domingo por el centro de Oaxaca para exigir el pago de sus salarios atrasados. La policía no intervino y la"
    " protesta terminó sin incidentes, según los organizadores.",
    "fr": "Une centaine d’enseignants ont manifesté dimanche devant la préfecture de Bouaké pour réclamer le paiement de leurs salaires. La police a"
    " dispersé les manifestants et trois personnes ont été blessées selon un syndicat.",
    "ru": "Около двухсот учителей вышли в воскресенье на площадь в Караганде с требованием выплатить зарплату. Полиция задержала пять человек.",
}
NAMES = {"fa": "Persian", "ar": "Arabic", "es": "Spanish", "fr": "French", "ru": "Russian"}
ENGLISH = "Around 200 teachers rallied in Shiraz, Iran, on Sunday. Police did not intervene."


def put(name: str, text: str, header: str = "Date: 2026-05-04\nPublisher: Qasr Daily\n") -> Path:
    path = Path(name)
    path.write_text(f"{header}\n{text}\n", "utf-8")
    return path


def stored(command: Command) -> list[dict[str, str]]:
    """Documents as they are stored, each with its text."""
    return [{**d, "text": Path(f"raw/documents/{d['id']}.txt").read_text("utf-8")} for d in command("documents", "--json").lines]


@pytest.mark.parametrize("language", ARTICLES)
def test_it_is_recognised_kept_letter_for_letter_and_named_without_failing(command: Command, language: str) -> None:
    command("ingest", put("one.txt", ARTICLES[language]))
    (document,) = stored(command)
    assert document["language"] == language
    assert document["text"].strip() == unicodedata.normalize("NFC", ARTICLES[language]), "joiners, digits and vowel signs stay as they are"
    told = command("extract")
    assert told.out == "", "nothing is drafted from what is not read"
    assert f"language {NAMES[language]} is not read by the engine 'rules'" in told.err and "[language-not-read]" in told.err
    assert f"eventcoder add --document {document['id']}" in told.err and "--engine llm" in told.err
    assert "note: 1 of them is in languages" in told.err
    assert "language-not-read" not in command("extract").err, "it is said once; --again says it again"
    seen = command("review")
    assert f"1 in {NAMES[language]}" in seen.err and "Nothing waits for a decision." in seen.out


def test_an_event_by_hand_takes_the_publisher_in_its_own_script_and_the_document_waits_no_more(command: Command, options) -> None:
    command("ingest", put("one.txt", ARTICLES["fa"], "Date: 2026-05-04\nPublisher: روزنامه قصر\nTitle: تجمع معلمان در شیراز\n"))
    (document,) = stored(command)
    command("add", "--document", document["id"][:6], *options(source=None))
    event = command("list", "--json").one
    assert event["source"] == ["روزنامه قصر"]
    assert document["title"] == "تجمع معلمان در شیراز"
    assert "does not read" not in command("review").err


@pytest.mark.parametrize(
    "text",
    [
        f'{ENGLISH} They chanted «حقوق ما را بدهید» and "\u200fلا للتأخير\u200f". One placard read “معلم بیدار است، از تبعیض بیزار است”.',
        f'"\u202bلا للتأخير\u202c," they shouted. {ENGLISH}',
        f"{ENGLISH} «Nous voulons nos salaires», disait une pancarte.",
    ],
)
def test_an_english_article_with_quotes_in_another_language_is_read_and_its_spans_are_exact(command: Command, text: str) -> None:
    command("ingest", put("one.txt", text))
    (document,) = stored(command)
    told = command("extract", "--json")
    assert "language-not-read" not in told.err
    (draft,) = [d for d in told.lines if d["status"] == "codable"]
    assert (draft["fields"]["location"], draft["fields"]["event_date"]) == ("Shiraz", "2026-05-03")
    for spans in draft["evidence"].values():
        for span in spans:
            assert document["text"][span["start"] : span["end"]] == span["quote"]


@pytest.mark.parametrize("language", ["ar", "es"])
def test_an_article_in_two_languages_is_never_mangled_and_its_english_half_is_read_or_the_coder_told(command: Command, language: str) -> None:
    command("ingest", put("one.txt", f"{ARTICLES[language]}\n\n{ENGLISH}"))
    (document,) = stored(command)
    assert ARTICLES[language] in document["text"] and ENGLISH in document["text"]
    told = command("extract", "--json")
    assert "language-not-read" in told.err or "Shiraz" in {d["fields"].get("location") for d in told.lines}


def test_a_wrong_guess_is_mended_by_naming_the_language(command: Command) -> None:
    path = put("one.txt", ENGLISH)
    command("ingest", path, "--language", "es")
    assert "language Spanish is not read" in command("extract").err
    command("ingest", path, "--language", "en")
    assert "Shiraz" in command("extract", "--again").out


def test_other_documents_go_on(command: Command) -> None:
    for name, text in [*ARTICLES.items(), ("en", ENGLISH)]:
        put(f"{name}.txt", text)
    command("ingest", ".")
    told = command("extract", "--json", "--status", "codable")
    assert [d["fields"]["location"] for d in told.lines] == ["Shiraz"]
    assert told.err.count("[language-not-read]") == 5
